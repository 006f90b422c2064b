import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { shardNames } from '../../lambda/users/sharding/shard-names';
import { deploymentKeys } from '../names';
import type { NetworkInside } from '../network/network-stack';
import type { Zones } from '../network/zones';
import type { AuroraPlacement } from '../phases';
import { MaintenanceFunction } from './maintenance-function';
import { ManagedDatabase } from './managed-database';
import type { Account } from './schemas';
import { ShopTable } from './shop-table';

export interface UserShardsProps {
  /** The cluster of the users, which is the first shard. */
  readonly first: ManagedDatabase;
  /** At least two. */
  readonly shards: number;
  readonly placement: AuroraPlacement;
  readonly zones: Zones;
  readonly network: NetworkInside;
  readonly securityGroupId: string;
  readonly deployments: IBucket;
}

/**
 * Users over several clusters: the others beside the first one, the table with the map of buckets and the directory of
 * e-mails, and the function that moves buckets (decisions 0203 and 0208).
 */
export class UserShards extends Construct {
  readonly directory: ShopTable;
  /** In the order of their numbers, the first one included. */
  readonly databases: readonly ManagedDatabase[];
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: UserShardsProps) {
    super(scope, id);
    const { first, network, deployments } = props;
    this.directory = new ShopTable(this, 'Directory', DIRECTORY_TABLE, first.key);
    const others = Array.from({ length: props.shards - 1 }, (_, index) => {
      const { placement, zones, securityGroupId } = props;
      return new ManagedDatabase(this, `Shard${index + 2}`, {
        ...{ placement, zones, network, securityGroupId, key: first.key },
        ...{ schemas: ['users'], whose: `shard ${index + 2} of the users` },
      });
    });
    this.databases = [first, ...others];
    const mover = new MaintenanceFunction(this, 'Mover', {
      ...{ vpc: network.vpc, subnets: network.app, securityGroupId: network.maintenanceGroupId },
      ...{ database: first.database, key: first.key, handler: 'userShards' },
      timeout: Duration.minutes(15),
      memoryMegabytes: 1024,
      environment: { ...this.settings('app'), BUCKET: deployments.bucketName },
      retryAttempts: 0,
    });
    const allow = (actions: string[], resources: string[]) =>
      mover.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(
      ['secretsmanager:GetSecretValue'],
      this.databases.map((database) => database.secretArn('app', 'users')),
    );
    allow(['s3:GetObject'], [deployments.arnForObjects(deploymentKeys.federation)]);
    // Without it a missing marker would read as "forbidden".
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    this.directory.allow(mover.role as Role, 'read', 'write');
    this.function = mover;
  }

  /** The environment of processes that use the shards; it contains no secret. */
  settings(account: Account): Record<string, string> {
    const names = shardNames(this.databases.length);
    const shards = this.databases.map(
      (database, index) => `${names[index]}=${database.url('users', account)}`,
    );
    return { [SETTING.directoryTable]: this.directory.tableName, [SETTING.usersShards]: shards.join(' ') };
  }

  grantConnect(role: Role, account: Account): void {
    for (const database of this.databases) database.grantConnect(role, account, ['users']);
    this.directory.allow(role, ...(account === 'app' ? (['read', 'write'] as const) : (['read'] as const)));
  }
}
