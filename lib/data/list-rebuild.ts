import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import type { ManagedDatabase } from './managed-database';

export interface ListRebuildProps extends Omit<MaintenanceProps, 'database' | 'key'> {
  readonly database: ManagedDatabase;
}

/** Compares the rows that lists and searches read with their products. `npm run rebuild-lists` invokes it. */
export class ListRebuild extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { database, ...network }: ListRebuildProps) {
    super(scope, id);
    const account = database.secretArn('app', 'inventory');
    const rebuild = new MaintenanceFunction(this, 'Function', {
      ...network,
      ...{ database: database.database, key: database.key, handler: 'listRebuild' },
      // A call works for twenty seconds, so that people see how far it is.
      timeout: Duration.minutes(2),
      environment: { INVENTORY_ACCOUNT: account },
    });
    rebuild.addToRolePolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [account] }),
    );
    this.function = rebuild;
  }
}
