import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnVolume } from 'aws-cdk-lib/aws-ec2';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { availabilityZones } from '../network/address-plan';
import { DailySnapshots } from './daily-snapshots';
import { deploymentsBucket } from './deployments-bucket';

export interface DataStackProps extends StackProps {
  readonly dataVolumeGiB: number;
}

/** What must outlive every instance and every failed deploy. Nothing here is ever replaced. */
export class DataStack extends Stack {
  readonly volumeId: string;
  /** What the box should run, what came of it, and the certificate. */
  readonly deployments: Bucket;
  /** The box's log; here, so that a deploy that fails and rolls back leaves its reasons behind. */
  readonly boxLog: ILogGroup;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const volume = new CfnVolume(this, 'DataVolume', {
      availabilityZone: availabilityZones[0] as string,
      size: props.dataVolumeGiB,
      volumeType: 'gp3',
      encrypted: true,
      tags: [
        { key: 'Name', value: 'Shop data' },
        { key: DailySnapshots.tag.key, value: DailySnapshots.tag.value },
      ],
    });
    volume.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.volumeId = volume.ref;
    new DailySnapshots(this, 'DailySnapshots');
    this.deployments = deploymentsBucket(this, 'Deployments');
    this.boxLog = new LogGroup(this, 'BoxLog', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
