import { Stack } from 'aws-cdk-lib';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, DependencyGroup, type IDependable } from 'constructs';
import type { DataStack } from '../data/data-stack';
import type { NetworkTiers } from '../network/network-stack';
import type { TierSize, TierSizes } from '../phases';
import { ApiTier } from './api/api-tier';
import type { AppGroup } from './api/app-group';
import type { Balancer } from './balancer/balancer';
import { MachineImage } from './box/machine-image';
import { Rollout } from './fleet/rollout';
import { WebTier } from './web/web-tier';

export interface TiersProps {
  readonly sizes: TierSizes;
  readonly imageRelease: string;
  readonly network: NetworkTiers;
  readonly data: DataStack;
  /** Without it, the hop from the CDN to the web balancer has no certificate that the CDN would trust. */
  readonly domain?: { readonly name: string; readonly hostedZoneId: string };
}

/** What alarms are about: a balancer, as CloudWatch names it, with the groups behind it. */
export interface WatchedBalancer {
  readonly id: 'Web' | 'App';
  /** The dimension LoadBalancer: `app/name/0123`. */
  readonly fullName: string;
  readonly groups: readonly WatchedGroup[];
}

export interface WatchedGroup {
  readonly id: 'Web' | 'Read' | 'Write';
  readonly autoScalingGroupName: string;
  /** The dimension TargetGroup: `targetgroup/name/0123`. */
  readonly targetGroupFullName: string;
  readonly instances: number;
}

/** Phase 3: web servers and application servers in groups of their own, over three zones. */
export class Tiers extends Construct {
  /** Internal; the CDN's VPC origin. */
  readonly webBalancer: IApplicationLoadBalancer;
  readonly watched: readonly WatchedBalancer[];
  /** When all hosts are of this release. */
  readonly rolledOut: IDependable;
  /** Says whether a new host may stay. */
  readonly rolloutFunction: IFunction;

  constructor(scope: Construct, id: string, { sizes, imageRelease, network, data, domain }: TiersProps) {
    super(scope, id);
    const { content, managedDatabase: database, fleetLog: log } = data;
    if (!content || !database || !log) {
      throw new Error(
        'Tiers need a database and files that are not on the box, and a log: this phase lacks one',
      );
    }
    const { deployments } = data;
    const rollout = new Rollout(this, 'Rollout', `${Stack.of(this).stackName}-${id}`);
    const { imageId } = new MachineImage(this, 'MachineImage', { release: imageRelease, deployments });
    const shared = { network, imageId, rollout, log, accessLogs: content.accessLogs };
    const api = new ApiTier(this, 'Api', { ...shared, sizes, database, media: content.media });
    const web = new WebTier(this, 'Web', {
      ...shared,
      size: sizes.web,
      domain,
      appBalancer: api.balancer.loadBalancerDnsName,
      insideCertificate: api.insideCertificate.pem,
    });
    this.webBalancer = web.balancer;
    this.rolloutFunction = rollout.function;
    this.rolledOut = new DependencyGroup(web.fleet, api.read.fleet, api.write.fleet);
    this.watched = [
      watched('Web', web.balancer, [group('Web', web, sizes.web)]),
      watched('App', api.balancer, [
        group('Read', api.read, sizes.read),
        group('Write', api.write, sizes.write),
      ]),
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

function group(id: WatchedGroup['id'], { fleet, targets }: WebTier | AppGroup, size: TierSize): WatchedGroup {
  return {
    id,
    autoScalingGroupName: fleet.groupName,
    targetGroupFullName: targets.targetGroupFullName,
    instances: size.instances,
  };
}
