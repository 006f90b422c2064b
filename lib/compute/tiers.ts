import { Stack } from 'aws-cdk-lib';
import type { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, DependencyGroup, type IDependable } from 'constructs';
import type { DataStack } from '../data/data-stack';
import type { Domain } from '../domain';
import type { NetworkTiers } from '../network/network-stack';
import {
  type AppGroupPlan,
  capitalized,
  type GroupName,
  type GroupSize,
  groupName,
  hasServices,
  type Service,
  type Tiers as TiersPlan,
} from '../phases';
import { ApiTier } from './api/api-tier';
import type { AppGroup } from './api/app-group';
import { functionLimits } from './api/function-limits';
import type { Balancer } from './balancer/balancer';
import { MachineImage } from './box/machine-image';
import type { Fleet } from './fleet/fleet';
import { Rollout } from './fleet/rollout';
import { PhotoWorker } from './photos/photo-worker';
import { WebTier } from './web/web-tier';

export interface TiersProps {
  readonly plan: 'none' | TiersPlan;
  readonly loggedReadsPercent: number;
  readonly imageRelease: string;
  /** Origins of other front ends whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly network: NetworkTiers;
  readonly data: DataStack;
  /** Without it, there is no certificate that the CDN trusts for its connection to the web balancer. */
  readonly domain?: Domain;
}

/** A balancer with its groups, by their names in CloudWatch, for alarms. */
export interface WatchedBalancer {
  readonly id: 'Web' | 'App' | 'Rpc';
  /** The dimension LoadBalancer: `app/name/0123`. */
  readonly fullName: string;
  readonly groups: readonly WatchedGroup[];
}

export interface WatchedGroup {
  readonly id: string;
  /** The dimension of its hosts' own metrics. */
  readonly name: string;
  readonly autoScalingGroupName: string;
  /** The dimension TargetGroup: `targetgroup/name/0123`. */
  readonly targetGroupFullName: string;
  readonly size: GroupSize;
  /** `none`: web servers. */
  readonly service: AppGroupPlan['service'] | 'none';
}

/** A service and role on Lambda. */
export interface WatchedFunction {
  readonly id: string;
  readonly service: AppGroupPlan['service'];
  readonly function: IFunction;
  /** The most that run at a time. */
  readonly concurrency: number;
}

/** A group of a balancer, on hosts or on Lambda, by the names in CloudWatch. */
export interface WatchedTargets {
  readonly group: GroupName;
  /** The dimension LoadBalancer. */
  readonly fullName: string;
  /** The dimension TargetGroup. */
  readonly targetGroupFullName: string;
}

/** A service with processes of its own. */
export interface WatchedService {
  readonly name: Service;
  /** Requests of clients are answered here. */
  readonly answers: readonly WatchedTargets[];
  /** Calls of the other service are answered here. */
  readonly calls: readonly WatchedTargets[];
}

/** Groups of web servers and application servers over three zones. */
export class Tiers extends Construct {
  /** Internal; the CDN's VPC origin. */
  readonly webBalancer: IApplicationLoadBalancer;
  /** Of the web servers. */
  readonly webTemplate: CfnLaunchTemplate;
  /** Fleets that are replaced after everybody who writes. */
  readonly readers: readonly Fleet[];
  readonly watched: readonly WatchedBalancer[];
  /** Present once photos have workers. */
  readonly photoWorker?: PhotoWorker;
  /** Services that run as functions. */
  readonly functions: readonly WatchedFunction[];
  /** None while one process has both. */
  readonly services: readonly WatchedService[];
  /** Complete once all hosts run this release. */
  readonly rolledOut: IDependable;
  /** Accepts or refuses new hosts. */
  readonly rolloutFunction: IFunction;

  constructor(scope: Construct, id: string, props: TiersProps) {
    super(scope, id);
    const { plan, loggedReadsPercent, imageRelease, allowedOrigins, network, data, domain } = props;
    const { content, managedDatabase: database, cache, fleetLog: log } = data;
    if (plan === 'none' || !content || !database || !log) {
      throw new Error(
        'Tiers need a managed database, files in S3 and a log group: this phase lacks one of them',
      );
    }
    const { deployments } = data;
    const rollout = new Rollout(this, 'Rollout', {
      groupsNamed: `${Stack.of(this).stackName}-${id}`,
      refreshes: [plan.web, ...plan.groups.map(({ size }) => size)].some(
        ({ scaling }) => scaling !== 'fixed',
      ),
    });
    const { imageId } = new MachineImage(this, 'MachineImage', { release: imageRelease, deployments });
    const { accessLogs } = content;
    const shared = { network, imageId, rollout, log, loggedReadsPercent, accessLogs };
    const api = new ApiTier(this, 'Api', {
      ...shared,
      groups: plan.groups,
      database,
      users: data.usersDatabase && {
        ...{ database: data.usersDatabase, deployments, shards: data.userShards },
      },
      cache,
      allowedOrigins,
      media: content.media,
      photos: data.photos,
    });
    if (data.photos)
      this.photoWorker = new PhotoWorker(this, 'PhotoWorker', { photos: data.photos, media: content.media });
    const web = new WebTier(this, 'Web', {
      ...shared,
      size: plan.web,
      domain,
      appBalancer: api.balancer.loadBalancerDnsName,
      insideCertificate: api.insideCertificate.pem,
    });
    this.webBalancer = web.balancer;
    this.webTemplate = web.fleet.template;
    this.readers = api.readers;
    this.rolloutFunction = rollout.function;
    this.rolledOut = new DependencyGroup(
      web.fleet,
      ...api.groups.map(({ fleet }) => fleet),
      ...api.functions,
    );
    this.functions = api.functions.map(({ name, plan, function: watchedFunction }) => ({
      id: capitalized(name),
      service: plan.service,
      function: watchedFunction,
      concurrency: functionLimits(plan).concurrency,
    }));
    this.services = hasServices(plan.groups) ? services(plan.groups, api) : [];
    this.watched = [
      watched('Web', web.balancer, [group('web', web, plan.web, 'none')]),
      watched(
        'App',
        api.balancer,
        api.groups.map((one) => group(one.name, one, one.plan.size, one.plan.service)),
      ),
      ...(api.rpcBalancer ? [watched('Rpc', api.rpcBalancer, api.groups.flatMap(called))] : []),
    ];
  }
}

function watched(
  id: WatchedBalancer['id'],
  balancer: Balancer,
  groups: readonly WatchedGroup[],
): WatchedBalancer {
  return { id, fullName: balancer.loadBalancerFullName, groups };
}

function services(plans: readonly AppGroupPlan[], { balancer, targets, ...api }: ApiTier): WatchedService[] {
  const at = (one: Balancer | undefined, targetsOf: ApiTier['targets'], plan: AppGroupPlan) => {
    const found = targetsOf.get(groupName(plan));
    if (!one || !found) return [];
    const { loadBalancerFullName: fullName } = one;
    return [{ group: groupName(plan), fullName, targetGroupFullName: found.targetGroupFullName }];
  };
  return (['users', 'inventory'] as const).map((name) => {
    const own = plans.filter(({ service }) => service === name);
    return {
      name,
      answers: own.flatMap((plan) => at(balancer, targets, plan)),
      calls: own.flatMap((plan) => at(api.rpcBalancer, api.rpcTargets, plan)),
    };
  });
}

/** The group as those see it that call it: its hosts are watched as a part of the app balancer. */
function called(one: AppGroup): WatchedGroup[] {
  if (!one.rpcTargets) return [];
  const { fleet, name, plan, rpcTargets: targets } = one;
  return [{ ...group(name, { fleet, targets }, plan.size, plan.service), id: `${capitalized(name)}Calls` }];
}

function group(
  name: string,
  { fleet, targets }: Pick<WebTier | AppGroup, 'fleet' | 'targets'>,
  size: GroupSize,
  service: WatchedGroup['service'],
): WatchedGroup {
  return {
    id: capitalized(name),
    name,
    autoScalingGroupName: fleet.groupName,
    targetGroupFullName: targets.targetGroupFullName,
    size,
    service,
  };
}
