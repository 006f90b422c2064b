import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import { type Schema, schemasFingerprint } from './schemas';

/** The secret of a user of each schema. */
export type Secrets = Readonly<Record<Schema['name'], ISecret>>;

export interface MigrationsProps extends MaintenanceProps {
  readonly accounts: Secrets;
  /** Once there are servers that only read. */
  readonly readers?: Secrets;
}

/**
 * Brings schemas, tables and accounts of the database to what this code says, whenever that changes and before the
 * release that needs it (decision 0021). When it fails, the deploy does.
 */
export class Migrations extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { accounts, readers, ...props }: MigrationsProps) {
    super(scope, id);
    const master = props.database.masterSecretArn;
    const secrets = {
      USERS_ACCOUNT: accounts.users.secretArn,
      INVENTORY_ACCOUNT: accounts.inventory.secretArn,
      ...(readers && {
        USERS_READER: readers.users.secretArn,
        INVENTORY_READER: readers.inventory.secretArn,
      }),
    };
    const migrate = new MaintenanceFunction(this, 'Function', {
      ...props,
      handler: 'migrations',
      timeout: Duration.minutes(15),
      environment: { MASTER: master, ...secrets },
    });
    migrate.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [master, ...Object.values(secrets)],
      }),
    );
    const done = new CustomResource(this, 'Done', {
      resourceType: 'Custom::Migrations',
      serviceToken: migrate.functionArn,
      serviceTimeout: Duration.minutes(16),
      properties: { Schemas: schemasFingerprint({ readers: readers !== undefined }) },
    });
    done.node.addDependency(props.database.writer);
    this.function = migrate;
  }
}
