import { RemovalPolicy } from 'aws-cdk-lib';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  AuroraMysqlEngineVersion,
  CfnDBCluster,
  CfnDBClusterParameterGroup,
  CfnDBInstance,
  type CfnDBInstanceProps,
  CfnDBSubnetGroup,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { availabilityZones } from '../network/address-plan';
import type { AuroraPlacement } from '../phases';
import { SlowLog } from './slow-log';

export interface DatabaseProps {
  readonly placement: AuroraPlacement;
  readonly key: IKey;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
}

/** Aurora MySQL Serverless v2 with one writer, for both schemas (decisions 0018, 0019 and 0027). */
export class Database extends Construct {
  readonly endpoint: string;
  readonly capacity: AuroraPlacement['capacity'];
  readonly clusterId: string;
  /** Made and rotated by RDS; for the functions that maintain the database alone. */
  readonly masterSecretArn: string;
  /** When it is there, the database answers. */
  readonly writer: CfnDBInstance;
  /** In another zone; after a failover it writes, and `writer` stands by. */
  readonly standby?: CfnDBInstance;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const cluster = this.createCluster(props);
    const slowLog = new SlowLog(this, 'SlowLog', cluster.ref);
    // Beside the box: another zone would cost about a millisecond a query and 0.02 USD a GB.
    this.writer = this.createInstance('Instance1', cluster, availabilityZones[0]);
    this.writer.node.addDependency(slowLog);
    if (props.placement.standby) {
      this.standby = this.createInstance('Instance2', cluster, availabilityZones[1], {
        // Up to tier 1 an instance is kept as big as the writer, so that it can take over at once.
        promotionTier: 1,
      });
      // A cluster's first instance becomes its writer.
      this.standby.node.addDependency(this.writer);
    }
    this.capacity = props.placement.capacity;
    this.endpoint = cluster.attrEndpointAddress;
    this.clusterId = cluster.ref;
    this.masterSecretArn = cluster.attrMasterUserSecretSecretArn;
  }

  private createCluster({ placement, key, subnets, securityGroupId }: DatabaseProps): CfnDBCluster {
    const group = new CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: 'Isolated subnets of the shop in three zones',
      subnetIds: subnets.map(({ subnetId }) => subnetId),
    });
    const { min, max } = placement.capacity;
    const cluster = new CfnDBCluster(this, 'Cluster', {
      engine: 'aurora-mysql',
      engineVersion,
      serverlessV2ScalingConfiguration: { minCapacity: min, maxCapacity: max },
      dbSubnetGroupName: group.ref,
      vpcSecurityGroupIds: [securityGroupId],
      port,
      dbClusterParameterGroupName: this.createParameters().ref,
      masterUsername: 'admin',
      manageMasterUserPassword: true,
      masterUserSecret: { kmsKeyId: key.keyArn },
      storageEncrypted: true,
      kmsKeyId: key.keyArn,
      deletionProtection: true,
      backupRetentionPeriod: 14,
      copyTagsToSnapshot: true,
      // In the hours when the shops of most regions sleep (UTC); a patch is seconds of refused connections.
      preferredBackupWindow: '04:00-05:00',
      preferredMaintenanceWindow: 'sun:05:30-sun:06:30',
      enableCloudwatchLogsExports: ['slowquery'],
      databaseInsightsMode: 'standard',
      performanceInsightsEnabled: true,
      performanceInsightsRetentionPeriod: 7,
      performanceInsightsKmsKeyId: key.keyArn,
    });
    cluster.applyRemovalPolicy(RemovalPolicy.RETAIN);
    for (const [rule, reason] of acknowledged) acknowledge(cluster, `AwsSolutions-${rule}`, reason);
    return cluster;
  }

  /** Ids count up, and one more changes nothing of those that are there. */
  private createInstance(
    id: string,
    cluster: CfnDBCluster,
    availabilityZone: string | undefined,
    more: Partial<CfnDBInstanceProps> = {},
  ): CfnDBInstance {
    const instance = new CfnDBInstance(this, id, {
      engine: 'aurora-mysql',
      dbClusterIdentifier: cluster.ref,
      dbInstanceClass: 'db.serverless',
      availabilityZone,
      publiclyAccessible: false,
      autoMinorVersionUpgrade: false,
      caCertificateIdentifier: 'rds-ca-rsa2048-g1',
      ...more,
    });
    // Not when the deploy that made it fails: it is paid for by the second, and the rows are the cluster's.
    instance.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return instance;
  }

  private createParameters(): CfnDBClusterParameterGroup {
    return new CfnDBClusterParameterGroup(this, 'Parameters', {
      family: 'aurora-mysql8.0',
      description: 'The shop: TLS only - utf8mb4 compared by bytes - UTC',
      parameters: {
        require_secure_transport: 'ON',
        tls_version: 'TLSv1.2,TLSv1.3',
        character_set_server: 'utf8mb4',
        collation_server: 'utf8mb4_bin',
        time_zone: 'UTC',
        slow_query_log: '1',
        long_query_time: '0.2',
        // Off is Aurora's default; said because it costs a flush a commit, and nothing here reads one.
        binlog_format: 'OFF',
      },
    });
  }
}

export const port = 3306;

/** As Aurora names it: 8.0.mysql_aurora.3.10.4. */
const engineVersion = AuroraMysqlEngineVersion.VER_3_10_4.auroraMysqlFullVersion;

const acknowledged = [
  [
    'RDS6',
    'Each service has a database user of its own with a rotated password; a token would live 15 minutes.',
  ],
  ['RDS11', 'An unusual port hides nothing in subnets that only two security groups reach.'],
  [
    'RDS14',
    'Backtrack rewinds both schemas in place; point-in-time recovery makes a second cluster to compare with.',
  ],
  [
    'RDS16',
    'The general and audit logs hold the values of every statement; errors show in alarms and events.',
  ],
] as const;
