import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { bundle } from '../../bundle';
import { type AppGroupPlan, capitalized, type GroupName, groupName, hasServices } from '../../phases';
import { InsideCertificate } from '../balancer/inside-certificate';
import type { Fleet } from '../fleet/fleet';
import { hostFiles } from '../fleet/host-files';
import type { TierProps } from '../fleet/tier-props';
import type { AppData } from './app-access';
import { AppBalancer } from './app-balancer';
import { AppFunction, isFunctionPlan } from './app-function';
import { AppGroup } from './app-group';
import { groupTargets, planned } from './group-targets';
import { rpcRoutes } from './routes';
import { RpcBalancer } from './rpc-balancer';
import { routeToServices } from './service-routing';

export interface ApiTierProps extends TierProps, AppData {
  readonly groups: readonly AppGroupPlan[];
}

/** The app as a Read API and a Write API, of both services together or of each: roles, permissions and numbers of hosts. */
export class ApiTier extends Construct {
  readonly balancer: AppBalancer;
  /** Absent while both services are in one process. */
  readonly rpcBalancer: RpcBalancer | undefined;
  readonly insideCertificate: InsideCertificate;
  /** Of each group, at the balancer of clients and at that of calls between services. */
  readonly targets: ReadonlyMap<GroupName, ApplicationTargetGroup>;
  readonly rpcTargets: ReadonlyMap<GroupName, ApplicationTargetGroup>;
  /** On hosts. */
  readonly groups: readonly AppGroup[];
  readonly functions: readonly AppFunction[];
  /** Fleets that trust the cache: no host that may write by an older release is left when they are replaced (rule DATA-10). */
  readonly readers: readonly Fleet[];

  constructor(scope: Construct, id: string, props: ApiTierProps) {
    super(scope, id);
    const { groups: plans, network } = props;
    const servicesApart = hasServices(plans);
    const called = new Set(servicesApart ? rpcRoutes.map(({ to }) => to) : []);
    const targets = groupTargets(this, 'Targets', plans, network.vpc);
    const answering = plans.filter((plan) => called.has(groupName(plan)));
    const rpcTargets = groupTargets(this, 'RpcTargets', answering, network.vpc);
    this.targets = targets;
    this.rpcTargets = rpcTargets;
    this.insideCertificate = new InsideCertificate(this, 'InsideCertificate');
    const { certificate, pem: insideCertificate } = this.insideCertificate;
    const balancer = { vpc: network.vpc, subnets: network.app, accessLogs: props.accessLogs, certificate };
    this.balancer = new AppBalancer(this, 'Balancer', {
      ...balancer,
      securityGroupId: network.firewall.groupId('appBalancer'),
      logsPrefix: 'balancers/app',
      targetsOf: (name) => planned(targets, name),
      refusesRpc: servicesApart,
    });
    if (servicesApart) {
      this.rpcBalancer = new RpcBalancer(this, 'Rpc', {
        ...balancer,
        securityGroupId: network.firewall.groupId('rpcBalancer'),
        logsPrefix: 'balancers/rpc',
        targetsOf: (name) => planned(rpcTargets, name),
      });
    }
    const host = new Asset(this, 'HostAsset', { path: hostFiles('api') });
    const onHosts = plans.filter((plan) => !isFunctionPlan(plan));
    const releases = new Map(
      [...new Set(onHosts.map(({ service }) => service))].map((service) => [
        service,
        new Asset(this, service === 'all' ? 'ReleaseAsset' : `${capitalized(service)}ReleaseAsset`, {
          path: bundle().release(service),
        }),
      ]),
    );
    this.groups = onHosts.map((plan) => {
      const name = groupName(plan);
      return new AppGroup(this, capitalized(name), {
        ...props,
        name,
        plan,
        host,
        insideCertificate,
        balancer: this.balancer,
        targets: planned(targets, name),
        rpcBalancer: this.rpcBalancer,
        rpcTargets: rpcTargets.get(name),
        release: planned(releases, plan.service),
      });
    });
    const { balancer: appBalancer, rpcBalancer } = this;
    this.functions = plans.filter(isFunctionPlan).map((plan) => {
      const name = groupName(plan);
      if (!rpcBalancer)
        throw new Error(`"${name}" is a function, which takes services apart from each other`);
      return new AppFunction(this, `${capitalized(name)}Function`, {
        ...props,
        plan,
        appBalancer,
        rpcBalancer,
        insideCertificate,
        targets: [targets, rpcTargets].flatMap((all) => all.get(name) ?? []),
      });
    });
    this.readers = props.cache ? this.groupsThat('read').map(({ fleet }) => fleet) : [];
    if (props.cache) this.rollReadersAfterWriters();
    routeToServices({ balancer: this.balancer, plans, targets, groups: this.groups });
  }

  private groupsThat(access: AppGroupPlan['access']): AppGroup[] {
    return this.groups.filter(({ plan }) => plan.access === access);
  }

  /** Of the same service: what a service copies, it alone changes. */
  private rollReadersAfterWriters(): void {
    for (const reader of this.groupsThat('read')) {
      for (const writer of this.groupsThat('write'))
        if (writer.plan.service === reader.plan.service) reader.fleet.rollAfter(writer.fleet.group);
    }
  }
}
