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
import type { Zones } from '../network/zones';
import type { AuroraPlacement } from '../phases';
import { acknowledgeZone, suppressNag } from '../suppress-nag';
import { SlowLog } from './slow-log';

export interface DatabaseProps {
  readonly placement: AuroraPlacement;
  readonly zones: Zones;
  readonly key: IKey;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
}

/** Aurora MySQL Serverless v2 with one writer (decisions 0018, 0027 and 0121). */
export class Database extends Construct {
  /** Follows the writer. */
  readonly endpoint: string;
  /** Of the standby and each reader, among which read hosts choose; none without a reader (decision 0121). */
  readonly replicaEndpoints: readonly string[];
  readonly capacity: AuroraPlacement['capacity'];
  readonly clusterId: string;
  /** Created and rotated by RDS; only for the functions that maintain the database. */
  readonly masterSecretArn: string;
  /** The database accepts connections once this instance exists. */
  readonly writer: CfnDBInstance;
  /** In another zone; after a failover it is the writer, and `writer` is the standby. */
  readonly standby?: CfnDBInstance;
  readonly readers: readonly CfnDBInstance[];

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const cluster = this.createCluster(props);
    const slowLog = new SlowLog(this, 'SlowLog', cluster.ref);
    // Beside the box: another zone would cost about a millisecond a query and 0.02 USD a GB.
    this.writer = this.createInstance('Instance1', cluster, props.zones[0]);
    this.writer.node.addDependency(slowLog);
    if (props.placement.standby) {
      this.standby = this.createInstance('Instance2', cluster, props.zones[1], {
        // Up to tier 1 an instance is kept as big as the writer, so that it can take over at once.
        promotionTier: 1,
      });
      // A cluster's first instance becomes its writer.
      this.standby.node.addDependency(this.writer);
    }
    this.readers = Array.from({ length: props.placement.readers }, (_, index) => {
      const zone = props.zones[(index + 2) % props.zones.length] as string;
      // Beyond tier 1 an instance follows its own load, and is promoted only when the standby is gone too.
      const reader = this.createInstance(`Instance${index + 3}`, cluster, zone, { promotionTier: 2 });
      reader.node.addDependency(this.standby ?? this.writer);
      return reader;
    });
    const replicas = [...(this.standby ? [this.standby] : []), ...this.readers];
    this.replicaEndpoints = this.readers.length > 0 ? replicas.map((one) => one.attrEndpointAddress) : [];
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
      // At night in most regions (UTC); a patch means seconds of refused connections.
      preferredBackupWindow: '04:00-05:00',
      preferredMaintenanceWindow: 'sun:05:30-sun:06:30',
      enableCloudwatchLogsExports: ['slowquery'],
      databaseInsightsMode: 'standard',
      ...(min < leastForInsights
        ? { performanceInsightsEnabled: false }
        : {
            performanceInsightsEnabled: true,
            performanceInsightsRetentionPeriod: 7,
            performanceInsightsKmsKeyId: key.keyArn,
          }),
    });
    cluster.applyRemovalPolicy(RemovalPolicy.RETAIN);
    for (const [rule, reason] of acknowledged) suppressNag(cluster, `AwsSolutions-${rule}`, reason);
    return cluster;
  }

  /** Ids count up, so that another instance leaves the existing ones unchanged. */
  private createInstance(
    id: string,
    cluster: CfnDBCluster,
    availabilityZone: string,
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
    // Not retained when its creation fails: it is billed by the second, and the data belongs to the cluster.
    instance.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledgeZone(instance);
    return instance;
  }

  /** Parameters are changed in place; another family or description would be another group (rule DATA-8). */
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
        sql_mode: sqlMode,
        slow_query_log: '1',
        long_query_time: '0.2',
        // Aurora's default, stated explicitly: a binlog costs a flush per commit, and nothing reads it.
        binlog_format: 'OFF',
      },
    });
  }
}

export const port = 3306;

/** MySQL 8's own default. Aurora's is empty: it would cut a value that does not fit, and store it. */
export const sqlMode =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** In capacity units. Performance Insights would hold smaller instances at this size, idle or not (rule DATA-9). */
const leastForInsights = 2;

/** As Aurora names it: 8.0.mysql_aurora.3.10.4. */
const engineVersion = AuroraMysqlEngineVersion.VER_3_10_4.auroraMysqlFullVersion;

const acknowledged = [
  [
    'RDS6',
    'Each service has its own database user with a rotated password; a token would be valid for 15 minutes.',
  ],
  ['RDS11', 'A non-default port adds no protection in subnets that only two security groups reach.'],
  [
    'RDS14',
    'Backtrack rewinds every schema in place; point-in-time recovery creates a second cluster to compare with.',
  ],
  [
    'RDS16',
    'The general and audit logs contain the values of every statement; errors appear in alarms and events.',
  ],
] as const;
