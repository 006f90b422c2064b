import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import { type Schema, schemasFingerprint } from './schemas';

export interface MigrationsProps extends MaintenanceProps {
  /** The secret of each schema's account. */
  readonly accounts: Readonly<Record<Schema['name'], ISecret>>;
}

/**
 * Brings schemas, tables and accounts of the database to what this code says, whenever that changes and before the
 * release that needs it (decision 0021). When it fails, the deploy does.
 */
export class Migrations extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { accounts, ...props }: MigrationsProps) {
    super(scope, id);
    const master = props.database.masterSecretArn;
    const secrets = { users: accounts.users.secretArn, inventory: accounts.inventory.secretArn };
    const migrate = new MaintenanceFunction(this, 'Function', {
      ...props,
      handler: 'migrations',
      timeout: Duration.minutes(15),
      environment: { MASTER: master, USERS_ACCOUNT: secrets.users, INVENTORY_ACCOUNT: secrets.inventory },
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
      properties: { Schemas: schemasFingerprint },
    });
    done.node.addDependency(props.database.writer);
    this.function = migrate;
  }
}
