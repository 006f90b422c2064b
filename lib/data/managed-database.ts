import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { NetworkInside } from '../network/network-stack';
import type { Zones } from '../network/zones';
import { type AuroraPlacement, capitalized } from '../phases';
import { Database, port } from './database';
import { Migrations, type Secrets, type UsersMarker } from './migrations';
import { Rotation } from './rotation';
import { type Account, type SchemaName, schemas, schemasOf, usersOf } from './schemas';
import { userSecret } from './user-secret';

export interface ManagedDatabaseProps {
  readonly placement: AuroraPlacement;
  readonly zones: Zones;
  readonly network: Pick<NetworkInside, 'vpc' | 'app' | 'data' | 'maintenanceGroupId'>;
  readonly securityGroupId: string;
  readonly schemas: readonly SchemaName[];
  /** In words, as in `of the shop`. */
  readonly whose: string;
  /** Default: a key of its own. */
  readonly key?: Key;
  /** Needed once the users may be on another cluster. */
  readonly marker?: UsersMarker | undefined;
}

/** A managed database: Aurora, a user for each schema with a rotated password, and the migrations. */
export class ManagedDatabase extends Construct {
  readonly database: Database;
  readonly key: Key;
  readonly migrationFunction: IFunction;
  readonly rotationFunction: IFunction;
  private readonly secrets: Readonly<Record<Account, Secrets | undefined>>;

  constructor(scope: Construct, id: string, props: ManagedDatabaseProps) {
    super(scope, id);
    const { placement, network, schemas: names, whose } = props;
    this.key =
      props.key ??
      new Key(this, 'Key', {
        description: `Rows, backups and passwords of ${whose}`,
        enableKeyRotation: true,
        removalPolicy: RemovalPolicy.RETAIN,
      });
    const { key } = this;
    this.database = new Database(this, 'Database', {
      ...{ placement, zones: props.zones, key },
      subnets: network.data,
      securityGroupId: props.securityGroupId,
    });
    const secretsFor = (account: Account, suffix: string) =>
      Object.fromEntries(
        names.map((name) => [
          name,
          userSecret(this, `${capitalized(name)}${suffix}`, usersOf(schemas[name])[account], key, whose),
        ]),
      );
    const accounts: Secrets = secretsFor('app', 'Account');
    const readers: Secrets | undefined = placement.readOnlyUsers ? secretsFor('reader', 'Reader') : undefined;
    this.secrets = { app: accounts, reader: readers };
    const maintenance = {
      database: this.database,
      key,
      vpc: network.vpc,
      subnets: network.app,
      securityGroupId: network.maintenanceGroupId,
    };
    const { marker } = props;
    const migrations = new Migrations(this, 'Migrations', { ...maintenance, accounts, readers, marker });
    const rotation = new Rotation(this, 'Rotation', {
      ...maintenance,
      secrets: { ...named(accounts, 'Account'), ...(readers && named(readers, 'Reader')) },
      after: migrations,
    });
    this.migrationFunction = migrations.function;
    this.rotationFunction = rotation.function;
  }

  /** The URL of a schema and its user, in the form that `openSql` takes. It contains no secret. */
  url(schema: SchemaName, account: Account = 'app'): string {
    return this.urlAt(this.database.endpoint, schema, account);
  }

  /** The same at each replica, for the read-only user. */
  replicaUrls(schema: SchemaName): string[] {
    return this.database.replicaEndpoints.map((endpoint) => this.urlAt(endpoint, schema, 'reader'));
  }

  /** Grants read access to the passwords of that account in the schemas, and no others. Default: in both. */
  grantConnect(role: Role, account: Account, names: readonly SchemaName[] = schemasOf('all')): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: names.map((name) => this.secretArn(account, name)),
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

  /** @throws if this cluster has no such user */
  secretArn(account: Account, schema: SchemaName): string {
    const secret = this.secrets[account]?.[schema];
    if (!secret) throw new Error(`No "${account}" user of ${schema}: this phase's database has none`);
    return secret.secretArn;
  }

  private urlAt(host: string, schema: SchemaName, account: Account): string {
    return `mysql://${host}:${port}/${schema}?secret=${this.secretArn(account, schema)}`;
  }
}

/** By the ids of their constructs: `UsersAccount`. */
const named = (secrets: Secrets, suffix: string): Record<string, ISecret> =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [`${capitalized(name)}${suffix}`, secret]),
  );
