import { CfnDeletionPolicy, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnVolume } from 'aws-cdk-lib/aws-ec2';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { OUTPUT, shopOf } from '../names';
import type { NetworkInside } from '../network/network-stack';
import type { Zones } from '../network/zones';
import { type AuroraPlacement, hasServices, type Phase } from '../phases';
import { acknowledgeZone } from '../suppress-nag';
import { Cache } from './cache';
import { ContentBuckets } from './content-buckets';
import { DailySnapshots, snapshotTag } from './daily-snapshots';
import { deploymentsBucket } from './deployments-bucket';
import { Federation } from './federation';
import { ListRebuild } from './list-rebuild';
import { ManagedDatabase } from './managed-database';
import { PhotoStore } from './photo-store';
import { schemasOf } from './schemas';
import { Staff } from './staff';
import { StockAudit } from './stock-audit';
import { trailBucket } from './trail-bucket';
import { UserShards } from './user-shards';
import { Warehouse } from './warehouse/warehouse';

export interface DataStackProps extends StackProps {
  readonly dataVolumeGiB: number;
  /** Clusters over which users may be divided, once they have one of their own. */
  readonly userShards: number;
  readonly zones: Zones;
  readonly phase: Pick<
    Phase,
    | 'box'
    | 'database'
    | 'usersDatabase'
    | 'cache'
    | 'files'
    | 'photos'
    | 'tiers'
    | 'edge'
    | 'monitoring'
    | 'warehouse'
  >;
  /** Origins of the shop's pages, like https://shop.example.com. */
  readonly shopOrigins: readonly string[];
  /** Needed once the database is not on the box. */
  readonly inside?: NetworkInside;
}

export interface BoxData {
  readonly volumeId: string;
  /** In this stack, so that it survives a deploy that fails and rolls back. */
  readonly log: ILogGroup;
}

/** Resources that outlive every instance and every failed deploy. Nothing here is ever replaced. */
export class DataStack extends Stack {
  /** The resources that the box leaves behind when it is replaced; absent once it is gone (decision 0132). */
  readonly box?: BoxData;
  /** The desired release of the box, the outcomes of deployments, and the certificate. */
  readonly deployments: Bucket;
  /** The log of the hosts in the tiers; in this stack for the same reason. */
  readonly fleetLog?: ILogGroup;
  readonly managedDatabase?: ManagedDatabase;
  /** The cluster of the user service; the users are there once `npm run federate` has moved them. */
  readonly usersDatabase?: ManagedDatabase;
  /** Present once users may be divided. */
  readonly userShards?: UserShards;
  readonly cache?: Cache;
  readonly content?: ContentBuckets;
  readonly warehouse?: Warehouse;
  /** Present once photos have workers. */
  readonly photos?: PhotoStore;
  /** Of the trail's files. */
  readonly trailFiles?: Bucket;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { phase } = props;
    if (phase.box !== 'gone') this.box = this.createForTheBox(props, phase.box);
    this.deployments = deploymentsBucket(this, 'Deployments');
    // `npm run move` reads this output to find the bucket.
    new CfnOutput(this, OUTPUT.deploymentsBucket, { value: this.deployments.bucketName });
    if (phase.tiers !== 'none') this.fleetLog = this.createLog('FleetLog');
    if (phase.database.placement === 'aurora' && props.inside) {
      const { zones, inside: network } = props;
      const hasOwnCluster = phase.usersDatabase !== 'shared';
      this.managedDatabase = new ManagedDatabase(this, 'Managed', {
        ...{ placement: phase.database, zones, network, securityGroupId: network.databaseGroupId },
        ...{ schemas: schemasOf('all'), whose: 'the shop' },
        marker: hasOwnCluster ? { bucket: this.deployments, home: 'shared' } : undefined,
      });
      if (phase.usersDatabase !== 'shared')
        this.usersDatabase = this.createUsersDatabase(phase.usersDatabase, zones, network);
      if (this.usersDatabase && phase.usersDatabase !== 'shared' && props.userShards > 1)
        this.userShards = this.createUserShards(this.usersDatabase, phase.usersDatabase, props, network);
      this.createCommands(this.managedDatabase, network);
      if (phase.photos !== 'in-process') {
        this.photos = new PhotoStore(this, 'Photos', {
          key: this.managedDatabase.key,
          workers: phase.photos,
        });
        // `npm run photos` finds them by these.
        new CfnOutput(this, OUTPUT.photoTable, { value: this.photos.table.tableName });
        new CfnOutput(this, OUTPUT.photoQueue, { value: this.photos.queue.queueUrl });
        new CfnOutput(this, OUTPUT.photoDeadLetters, { value: this.photos.deadLetters.queueUrl });
      }
      const { data: subnets, cacheGroupId: securityGroupId } = props.inside;
      if (phase.cache !== 'none' && securityGroupId) {
        const { key } = this.managedDatabase;
        this.cache = new Cache(this, 'Cache', {
          limits: phase.cache,
          key,
          subnets,
          securityGroupId,
          servicesApart: phase.tiers !== 'none' && hasServices(phase.tiers.groups),
        });
      }
    }
    if (phase.files.placement === 's3') {
      this.content = new ContentBuckets(this, 'Content', {
        shopOrigins: props.shopOrigins,
        readByCdn: phase.edge === 'cdn',
      });
      if (phase.monitoring === 'objectives')
        this.trailFiles = trailBucket(this, 'Trail', this.content.accessLogs);
      this.warehouse = this.createWarehouse(phase.warehouse, this.content, props.inside);
    }
  }

  /** Beside the other cluster, and encrypted with the same key (decision 0206). */
  private createUsersDatabase(
    placement: AuroraPlacement,
    zones: Zones,
    network: NetworkInside,
  ): ManagedDatabase {
    const { managedDatabase: shared, deployments } = this;
    const { usersDatabaseGroupId: securityGroupId } = network;
    if (!shared || !securityGroupId)
      throw new Error('A cluster of the users needs one that it is left for, and a group of the firewall');
    const own = new ManagedDatabase(this, 'Users', {
      ...{ placement, zones, network, securityGroupId, key: shared.key },
      ...{ schemas: ['users'], whose: 'the user service' },
      marker: { bucket: deployments, home: 'own' },
    });
    const federation = new Federation(this, 'Federation', {
      ...{ shared, own, deployments, ...maintenanceIn(network) },
    });
    // `npm run federate` invokes it by this name.
    new CfnOutput(this, OUTPUT.federationFunction, { value: federation.function.functionName });
    return own;
  }

  private createUserShards(
    first: ManagedDatabase,
    placement: AuroraPlacement,
    { zones, userShards: shards }: Pick<DataStackProps, 'zones' | 'userShards'>,
    network: NetworkInside,
  ): UserShards {
    const { usersDatabaseGroupId: securityGroupId } = network;
    if (!securityGroupId) throw new Error("Shards need a group of the firewall: this phase's has none");
    const created = new UserShards(this, 'UserShards', {
      ...{ first, shards, placement, zones, network, securityGroupId, deployments: this.deployments },
    });
    // `npm run shards` invokes it by this name.
    new CfnOutput(this, OUTPUT.shardFunction, { value: created.function.functionName });
    return created;
  }

  /** Functions for commands that need the database (docs/commands.md). */
  private createCommands(managed: ManagedDatabase, network: NetworkInside): void {
    const { usersDatabase: own, deployments } = this;
    const common = { ...maintenanceIn(network), deployments };
    const { userShards } = this;
    const staff = new Staff(managed, 'Staff', { ...common, shared: managed, own, userShards });
    new CfnOutput(this, OUTPUT.staffFunction, { value: staff.function.functionName });
    const audit = new StockAudit(managed, 'StockAudit', { ...common, database: managed });
    new CfnOutput(this, OUTPUT.stockAuditFunction, { value: audit.function.functionName });
    const rebuild = new ListRebuild(managed, 'ListRebuild', { ...maintenanceIn(network), database: managed });
    new CfnOutput(this, OUTPUT.rebuildFunction, { value: rebuild.function.functionName });
  }

  private createWarehouse(
    plan: Phase['warehouse'],
    { accessLogs }: ContentBuckets,
    inside: NetworkInside | undefined,
  ): Warehouse | undefined {
    if (plan === 'none' || !this.managedDatabase || !inside?.warehouseGroupId) return undefined;
    const { database, key } = this.managedDatabase;
    const warehouse = new Warehouse(this, 'Warehouse', {
      ...{ plan, accessLogs, database, key },
      ...{ vpc: inside.vpc, subnets: inside.app, securityGroupId: inside.maintenanceGroupId },
      ...{ warehouseSubnets: inside.data, warehouseGroupId: inside.warehouseGroupId },
    });
    // `npm run warehouse` invokes them by these names.
    new CfnOutput(this, OUTPUT.archiveFunction, { value: warehouse.archiveFunction.functionName });
    new CfnOutput(this, OUTPUT.warehouseFunction, { value: warehouse.loadFunction.functionName });
    return warehouse;
  }

  private createForTheBox(
    { zones, dataVolumeGiB }: Pick<DataStackProps, 'zones' | 'dataVolumeGiB'>,
    box: 'serves' | 'retired',
  ): BoxData {
    const volume = new CfnVolume(this, 'DataVolume', {
      availabilityZone: zones[0],
      size: dataVolumeGiB,
      volumeType: 'gp3',
      encrypted: true,
      tags: [{ key: 'Name', value: `${shopOf(this.stackName)} data` }, snapshotTag(this)],
    });
    // Not retained when its creation fails: it is empty, and its snapshots would continue.
    volume.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledgeZone(volume);
    new DailySnapshots(this, 'DailySnapshots');
    const kept = { volumeId: volume.ref, log: this.createLog('BoxLog') };
    if (box === 'retired') {
      // The next phase removes the volume by this policy: nothing has been written to it since the data moved.
      volume.cfnOptions.deletionPolicy = CfnDeletionPolicy.SNAPSHOT;
      // The services and operations stacks import these until they are updated, after this one.
      for (const value of [kept.volumeId, kept.log.logGroupName, kept.log.logGroupArn])
        this.exportValue(value);
    }
    return kept;
  }

  private createLog(id: string): LogGroup {
    return new LogGroup(this, id, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}

/** For functions that maintain a database. */
const maintenanceIn = ({ vpc, app, maintenanceGroupId }: NetworkInside) => ({
  vpc,
  subnets: app,
  securityGroupId: maintenanceGroupId,
});
