import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentKeys } from '../names';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import type { ManagedDatabase } from './managed-database';

export interface StockAuditProps extends Omit<MaintenanceProps, 'database' | 'key'> {
  readonly database: ManagedDatabase;
  /** The bucket with the marker of moves. */
  readonly deployments: IBucket;
}

/** Compares the stock with the ledger and the reservations, beside the database. `npm run check-stock` invokes it. */
export class StockAudit extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { database, deployments, ...network }: StockAuditProps) {
    super(scope, id);
    const account = database.secretArn('app', 'inventory');
    const audit = new MaintenanceFunction(this, 'Function', {
      ...network,
      ...{ database: database.database, key: database.key, handler: 'stockAudit' },
      timeout: Duration.minutes(15),
      environment: { INVENTORY_ACCOUNT: account, BUCKET: deployments.bucketName },
    });
    const allow = (actions: string[], resource: string) =>
      audit.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(['secretsmanager:GetSecretValue'], account);
    allow(['s3:GetObject'], deployments.arnForObjects(deploymentKeys.placement));
    // Without it a missing marker would read as "forbidden".
    allow(['s3:ListBucket'], deployments.bucketArn);
    this.function = audit;
  }
}
