import { Stack } from 'aws-cdk-lib';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { shopOf } from '../../names';
import type { AppGroupPlan, GroupName } from '../../phases';
import type { Balancer } from '../balancer/balancer';
import { Fleet } from '../fleet/fleet';
import { hostRole } from '../fleet/host-role';
import type { TierProps } from '../fleet/tier-props';
import { hostUserData } from '../fleet/user-data';
import { type AppData, grantData } from './app-access';
import { appSettings, insideCertificateFile } from './app-settings';

export interface AppGroupProps extends TierProps, AppData {
  readonly name: GroupName;
  readonly plan: AppGroupPlan;
  readonly balancer: Balancer;
  readonly targets: ApplicationTargetGroup;
  /** Absent while both services are in one process. */
  readonly rpcBalancer?: Balancer | undefined;
  /** At that balancer, if the group answers calls of the other service. */
  readonly rpcTargets?: ApplicationTargetGroup | undefined;
  /** PEM. */
  readonly insideCertificate: string;
  readonly host: Asset;
  readonly release: Asset;
}

/** Application servers of one service and role. Read servers have read-only database users and no photos. */
export class AppGroup extends Construct {
  readonly name: GroupName;
  readonly plan: AppGroupPlan;
  readonly targets: ApplicationTargetGroup;
  readonly rpcTargets: ApplicationTargetGroup | undefined;
  readonly fleet: Fleet;

  constructor(scope: Construct, id: string, { name, plan, host, release, ...props }: AppGroupProps) {
    super(scope, id);
    const { region, stackName } = Stack.of(this);
    const { rpcBalancer, rpcTargets } = props;
    const isAlone = plan.service !== 'all';
    // Hosts of both services keep their role until they are replaced by those of one, which may do less (decision 0166).
    const role = hostRole(this, isAlone ? 'ServiceRole' : 'Role', { assets: host.bucket, log: props.log });
    grantData(role, plan, props);
    this.name = name;
    this.plan = plan;
    this.targets = props.targets;
    this.rpcTargets = rpcTargets;
    this.fleet = new Fleet(this, 'Fleet', {
      ...props,
      name,
      size: plan.size,
      subnets: props.network.app,
      securityGroupId: props.network.firewall.groupId(name),
      role,
      ...(isAlone && { profileScope: role }),
      ...(rpcBalancer && rpcTargets && { alsoBehind: { balancer: rpcBalancer, targets: rpcTargets } }),
      sharesBalancer: isAlone,
      userData: hostUserData({
        region,
        environment: {
          ROLE: name,
          AWS_REGION: region,
          LOG_GROUP: props.log.logGroupName,
          RELEASE_BUCKET: release.s3BucketName,
          RELEASE_KEY: release.s3ObjectKey,
        },
        insideCertificate: props.insideCertificate,
        settings: appSettings({
          ...plan,
          shop: shopOf(stackName),
          loggedReadsPercent: props.loggedReadsPercent,
          allowedOrigins: props.allowedOrigins,
          release: release.assetHash,
          database: props.database,
          users: props.users,
          cache: props.cache,
          mediaBucket: props.media.bucketName,
          photos: props.photos,
          appBalancer: props.balancer.loadBalancerDnsName,
          rpcBalancer: rpcBalancer?.loadBalancerDnsName,
          hostRegion: region,
          insideCertificate: insideCertificateFile,
        }),
        host: { bucket: host.s3BucketName, key: host.s3ObjectKey },
      }),
    });
  }
}
