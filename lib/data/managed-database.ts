import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { NetworkInside } from '../network/network-stack';
import type { AuroraPlacement } from '../phases';
import { accountSecret } from './account';
import { Database, port } from './database';
import { Migrations } from './migrations';
import { Rotation } from './rotation';
import { type Schema, schemas } from './schemas';

export interface ManagedDatabaseProps {
  readonly capacity: AuroraPlacement['capacity'];
  readonly network: NetworkInside;
}

/** The database as a service: Aurora, a user for each service whose password changes by itself, and its migrations. */
export class ManagedDatabase extends Construct {
  readonly database: Database;
  readonly key: Key;
  readonly accounts: Readonly<Record<Schema['name'], ISecret>>;
  readonly migrationFunction: IFunction;
  readonly rotationFunction: IFunction;

  constructor(scope: Construct, id: string, { capacity, network }: ManagedDatabaseProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Rows, backups and passwords of the shop',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { key } = this;
    this.database = new Database(this, 'Database', {
      capacity,
      key,
      subnets: network.data,
      securityGroupId: network.databaseGroupId,
    });
    const [users, inventory] = schemas as [Schema, Schema];
    this.accounts = {
      users: accountSecret(this, 'UsersAccount', users, key),
      inventory: accountSecret(this, 'InventoryAccount', inventory, key),
    };
    const maintenance = {
      database: this.database,
      key,
      vpc: network.vpc,
      subnets: network.app,
      securityGroupId: network.maintenanceGroupId,
    };
    const migrations = new Migrations(this, 'Migrations', { ...maintenance, accounts: this.accounts });
    const rotation = new Rotation(this, 'Rotation', {
      ...maintenance,
      secrets: { UsersAccount: this.accounts.users, InventoryAccount: this.accounts.inventory },
      after: migrations,
    });
    this.migrationFunction = migrations.function;
    this.rotationFunction = rotation.function;
  }

  /** Where a schema is, in the form that `openSql` takes. Nothing of it is secret. */
  url(schema: Schema['name']): string {
    return `mysql://${this.database.endpoint}:${port}/${schema}?secret=${this.accounts[schema].secretArn}`;
  }
}
