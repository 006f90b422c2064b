import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, DependencyGroup } from 'constructs';
import { bundle } from '../../bundle';
import { withLineFeeds } from '../../line-endings';
import { shopOf } from '../../names';
import { ROOT } from '../../root';
import { suppressNag } from '../../suppress-nag';
import { metricsSettings, originsSettings } from '../api/app-settings';
import { hostTemplate, suspendedMeanwhile } from '../host-template';
import type { MigrationTarget } from '../migration-target';
import { AttachVolumeAndIp } from './attach-volume-and-ip';
import { boxRole } from './box-role';
import type { BoxSize } from './instance-types';
import { MachineImage } from './machine-image';
import { Release } from './release';
import { userData } from './user-data';

export interface BoxProps {
  readonly size: BoxSize;
  readonly imageRelease: string;
  /** In the zone of the data volume. */
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly addressAllocationId: string;
  readonly dataVolumeId: string;
  readonly deployments: IBucket;
  readonly log: ILogGroup;
  readonly domain?: string;
  /** The managed services to which the shop's data moves. */
  readonly managed?: MigrationTarget;
  /** Origins of other front ends whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/**
 * Phase 1: nginx, the app and the database on one instance. A group of one replaces a failed instance; the new one
 * claims address and data before it is in service (decision 0010).
 */
export class Box extends Construct {
  readonly groupName: string;
  readonly claim: AttachVolumeAndIp;

  constructor(scope: Construct, id: string, props: BoxProps) {
    super(scope, id);
    this.claim = new AttachVolumeAndIp(this, 'Claim', {
      volumeId: props.dataVolumeId,
      addressAllocationId: props.addressAllocationId,
      instanceTag: boxTag,
    });
    const host = new Asset(this, 'HostAsset', {
      path: withLineFeeds(join(ROOT, 'lib', 'compute', 'box', 'host')),
    });
    const role = boxRole(this, 'Role', { host, deployments: props.deployments, log: props.log });
    props.managed?.grantUse(role);
    const template = this.createTemplate(props, host, role);
    const group = this.createGroup(template, props.subnetId);
    group.node.addDependency(this.claim);
    this.groupName = group.ref;

    const release = new Asset(this, 'ReleaseAsset', { path: bundle().release('all') });
    new Release(this, 'Release', {
      asset: release,
      deployments: props.deployments,
      // The role too: a release may need permissions from the same deploy.
      after: new DependencyGroup(group, role),
      machine: template.attrLatestVersionNumber,
      settings: boxSettings(props, shopOf(Stack.of(this).stackName)),
    });
  }

  private createTemplate(props: BoxProps, host: Asset, role: Role): CfnLaunchTemplate {
    const { imageId } = new MachineImage(this, 'MachineImage', {
      release: props.imageRelease,
      deployments: props.deployments,
    });
    return hostTemplate(this, {
      name: `${shopOf(Stack.of(this).stackName)} box`,
      tag: boxTag,
      imageId,
      instanceType: props.size.name,
      role,
      securityGroupId: props.securityGroupId,
      userData: userData({
        region: Stack.of(this).region,
        deploymentsBucket: props.deployments.bucketName,
        dataVolumeId: props.dataVolumeId,
        logGroup: props.log.logGroupName,
        domain: props.domain ?? '',
        host: { bucket: host.s3BucketName, key: host.s3ObjectKey },
      }),
    });
  }

  private createGroup(template: CfnLaunchTemplate, subnetId: string): CfnAutoScalingGroup {
    const group = new CfnAutoScalingGroup(this, 'Group', {
      minSize: '1',
      maxSize: '1',
      vpcZoneIdentifier: [subnetId],
      launchTemplate: { launchTemplateId: template.ref, version: template.attrLatestVersionNumber },
      lifecycleHookSpecificationList: [this.claim.hook],
      metricsCollection: [{ granularity: '1Minute', metrics: ['GroupInServiceInstances'] }],
    });
    group.cfnOptions.updatePolicy = {
      // One volume: the old box must release it first. The shop is down for the minutes that a boot takes.
      autoScalingRollingUpdate: {
        minInstancesInService: 0,
        maxBatchSize: 1,
        suspendProcesses: suspendedMeanwhile,
      },
    };
    suppressNag(
      group,
      'AwsSolutions-AS3',
      'For a group of one, notifications of launches add nothing to the alarm for a missing box.',
    );
    return group;
  }
}

/** Undefined without settings. */
function boxSettings(
  { managed, allowedOrigins }: Pick<BoxProps, 'managed' | 'allowedOrigins'>,
  shop: string,
): Record<string, string> | undefined {
  const settings = { ...managed?.settings, ...metricsSettings(shop), ...originsSettings(allowedOrigins) };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

/** The tag by which the claim function identifies its instances. */
const boxTag = { key: 'shop:role', value: 'box' };
