import { type Duration, Stack } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { HandlerName } from '../bundle';
import { ShopFunction } from '../shop-function';
import { type Database, port } from './database';

export interface MaintenanceProps {
  readonly database: Database;
  readonly key: IKey;
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
}

export interface MaintenanceFunctionProps extends MaintenanceProps {
  readonly handler: HandlerName;
  readonly timeout: Duration;
  /** Default: 256. */
  readonly memoryMegabytes?: number;
  readonly environment?: Record<string, string>;
  /** Retries of Lambda after a failed asynchronous invocation; its default is 2. */
  readonly retryAttempts?: number;
}

/** A function in the VPC with access to the database and Secrets Manager; the caller grants the rest. */
export class MaintenanceFunction extends ShopFunction {
  constructor(scope: Construct, id: string, props: MaintenanceFunctionProps) {
    super(scope, id, {
      handler: props.handler,
      timeout: props.timeout,
      memoryMegabytes: props.memoryMegabytes,
      retryAttempts: props.retryAttempts,
      environment: { DATABASE: `mysql://${props.database.endpoint}:${port}`, ...props.environment },
      network: props,
    });
    const { region } = Stack.of(this);
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [props.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` } },
      }),
    );
  }
}
