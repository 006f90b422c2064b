import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnVolume } from 'aws-cdk-lib/aws-ec2';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { availabilityZones } from '../network/address-plan';
import type { NetworkInside } from '../network/network-stack';
import type { Phase } from '../phases';
import { ContentBuckets } from './content-buckets';
import { DailySnapshots } from './daily-snapshots';
import { deploymentsBucket } from './deployments-bucket';
import { ManagedDatabase } from './managed-database';

export interface DataStackProps extends StackProps {
  readonly dataVolumeGiB: number;
  readonly database: Phase['database'];
  readonly files: Phase['files'];
  readonly tiers: Phase['tiers'];
  readonly edge: Phase['edge'];
  /** Where the shop's pages are from, like https://shop.example.com. */
  readonly shopOrigins: readonly string[];
  /** For a database that is not on the box. */
  readonly inside?: NetworkInside;
}

/** What must outlive every instance and every failed deploy. Nothing here is ever replaced. */
export class DataStack extends Stack {
  readonly volumeId: string;
  /** What the box should run, what came of it, and the certificate. */
  readonly deployments: Bucket;
  /** The box's log; here, so that a deploy that fails and rolls back leaves its reasons behind. */
  readonly boxLog: ILogGroup;
  /** The log of the groups' hosts, once there are tiers; here for the same reason. */
  readonly fleetLog?: ILogGroup;
  readonly managedDatabase?: ManagedDatabase;
  readonly content?: ContentBuckets;

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
    // Not when the deploy that made it fails: nobody has written to it, and its snapshots would go on.
    volume.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.volumeId = volume.ref;
    new DailySnapshots(this, 'DailySnapshots');
    this.deployments = deploymentsBucket(this, 'Deployments');
    // `npm run move` finds the box's mailbox by it.
    new CfnOutput(this, 'DeploymentsBucketName', { value: this.deployments.bucketName });
    this.boxLog = this.createLog('BoxLog');
    if (props.tiers !== 'none') this.fleetLog = this.createLog('FleetLog');
    if (props.database.placement === 'aurora' && props.inside) {
      this.managedDatabase = new ManagedDatabase(this, 'Managed', {
        placement: props.database,
        network: props.inside,
      });
    }
    if (props.files.placement === 's3') {
      this.content = new ContentBuckets(this, 'Content', {
        shopOrigins: props.shopOrigins,
        readByCdn: props.edge === 'cdn',
      });
    }
  }

  private createLog(id: string): LogGroup {
    return new LogGroup(this, id, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
