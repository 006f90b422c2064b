import { type Duration, Stack } from 'aws-cdk-lib';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { HandlerName } from '../bundle';
import { ShopFunction } from '../function';
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
  readonly environment?: Record<string, string>;
}

/** A function in the VPC that reaches the database and Secrets Manager, and whatever the caller grants. */
export class MaintenanceFunction extends ShopFunction {
  constructor(scope: Construct, id: string, props: MaintenanceFunctionProps) {
    super(scope, id, {
      handler: props.handler,
      timeout: props.timeout,
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
    this.addToRolePolicy(new PolicyStatement({ actions: networkInterfaces, resources: ['*'] }));
    acknowledge(
      this.role as NonNullable<typeof this.role>,
      'AwsSolutions-IAM5[Resource::*]',
      'Lambda makes the network interfaces of a function with its role, and EC2 has no resource to narrow to.',
    );
  }
}

/** What Lambda needs to put a function into a VPC; its managed policy says the same and more. */
const networkInterfaces = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
