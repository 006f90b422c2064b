import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import type { CfnLaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, DependencyGroup } from 'constructs';
import { acknowledge } from '../../acknowledge';
import { bundle } from '../../bundle';
import { hostTemplate, suspendedMeanwhile } from '../host-template';
import type { ManagedSide } from '../managed-side';
import { boxRole } from './box-role';
import { Claim } from './claim';
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
  /** Where the shop's data is besides the box. */
  readonly managed?: ManagedSide;
}

/**
 * Phase 1: nginx, the app and the database on one instance. A group of one, so that a dead instance comes back by
 * itself; address and data are claimed by the new one before it counts as in service (decision 0010).
 */
export class Box extends Construct {
  readonly groupName: string;
  readonly claim: Claim;

  constructor(scope: Construct, id: string, props: BoxProps) {
    super(scope, id);
    this.claim = new Claim(this, 'Claim', {
      volumeId: props.dataVolumeId,
      addressAllocationId: props.addressAllocationId,
      instanceTag: boxTag,
    });
    const host = new Asset(this, 'HostAsset', { path: join(__dirname, 'host') });
    const role = boxRole(this, 'Role', { host, deployments: props.deployments, log: props.log });
    props.managed?.grantUse(role);
    const template = this.createTemplate(props, host, role);
    const group = this.createGroup(template, props.subnetId);
    group.node.addDependency(this.claim);
    this.groupName = group.ref;

    const release = new Asset(this, 'ReleaseAsset', { path: bundle().release });
    new Release(this, 'Release', {
      asset: release,
      deployments: props.deployments,
      // The role too: a release may need permissions that come with it.
      after: new DependencyGroup(group, role),
      machine: template.attrLatestVersionNumber,
      settings: props.managed?.settings,
    });
  }

  private createTemplate(props: BoxProps, host: Asset, role: Role): CfnLaunchTemplate {
    const { imageId } = new MachineImage(this, 'MachineImage', {
      release: props.imageRelease,
      deployments: props.deployments,
    });
    return hostTemplate(this, {
      name: 'Shop box',
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
      // One volume: the old box must let go of it first. The shop is away for the minutes that a boot takes.
      autoScalingRollingUpdate: {
        minInstancesInService: 0,
        maxBatchSize: 1,
        suspendProcesses: suspendedMeanwhile,
      },
    };
    acknowledge(
      group,
      'AwsSolutions-AS3',
      'The launches of a group of one say nothing that the alarm "box missing" does not.',
    );
    return group;
  }
}

/** By this tag the claim function knows its instances. */
const boxTag = { key: 'shop:role', value: 'box' };
