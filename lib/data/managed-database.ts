import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { NetworkInside } from '../network/network-stack';
import type { AuroraPlacement } from '../phases';
import { accountSecret } from './account';
import { Database, port } from './database';
import { Migrations, type Secrets } from './migrations';
import { Rotation } from './rotation';
import { type Account, type Schema, schemas, usersOf } from './schemas';

export interface ManagedDatabaseProps {
  readonly placement: AuroraPlacement;
  readonly network: NetworkInside;
}

/** The database as a service: Aurora, a user for each service whose password changes by itself, and its migrations. */
export class ManagedDatabase extends Construct {
  readonly database: Database;
  readonly key: Key;
  readonly migrationFunction: IFunction;
  readonly rotationFunction: IFunction;
  private readonly secrets: Readonly<Record<Account, Secrets | undefined>>;

  constructor(scope: Construct, id: string, { placement, network }: ManagedDatabaseProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Rows, backups and passwords of the shop',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { key } = this;
    this.database = new Database(this, 'Database', {
      placement,
      key,
      subnets: network.data,
      securityGroupId: network.databaseGroupId,
    });
    const [users, inventory] = schemas as [Schema, Schema];
    const accounts = {
      users: accountSecret(this, 'UsersAccount', usersOf(users).app, key),
      inventory: accountSecret(this, 'InventoryAccount', usersOf(inventory).app, key),
    };
    const readers = placement.readers
      ? {
          users: accountSecret(this, 'UsersReader', usersOf(users).reader, key),
          inventory: accountSecret(this, 'InventoryReader', usersOf(inventory).reader, key),
        }
      : undefined;
    this.secrets = { app: accounts, reader: readers };
    const maintenance = {
      database: this.database,
      key,
      vpc: network.vpc,
      subnets: network.app,
      securityGroupId: network.maintenanceGroupId,
    };
    const migrations = new Migrations(this, 'Migrations', { ...maintenance, accounts, readers });
    const rotation = new Rotation(this, 'Rotation', {
      ...maintenance,
      secrets: {
        UsersAccount: accounts.users,
        InventoryAccount: accounts.inventory,
        ...(readers && { UsersReader: readers.users, InventoryReader: readers.inventory }),
      },
      after: migrations,
    });
    this.migrationFunction = migrations.function;
    this.rotationFunction = rotation.function;
  }

  /** Where a schema is and as whom, in the form that `openSql` takes. Nothing of it is secret. */
  url(schema: Schema['name'], account: Account = 'app'): string {
    const { secretArn } = this.secretsOf(account)[schema];
    return `mysql://${this.database.endpoint}:${port}/${schema}?secret=${secretArn}`;
  }

  /** The passwords of both schemas' users of that kind, and no others. */
  grantConnect(role: Role, account: Account): void {
    const { users, inventory } = this.secretsOf(account);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [users.secretArn, inventory.secretArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(role).region}.amazonaws.com` },
        },
      }),
    );
  }

  private secretsOf(account: Account): Secrets {
    const secrets = this.secrets[account];
    if (!secrets) throw new Error(`No "${account}" users: this phase's database has none`);
    return secrets;
  }
}
