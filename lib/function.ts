import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundle, type HandlerName } from './bundle';

export interface ShopFunctionProps {
  readonly handler: HandlerName;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
  /** How often Lambda tries an event again whose function failed; 2 by its default. */
  readonly retryAttempts?: number;
  /** Inside the VPC, where it reaches what the firewall says; outside it without. */
  readonly network?: FunctionNetwork;
}

interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
}

/** A small program of the infrastructure: it may write its own log, and whatever the caller grants. */
export class ShopFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ShopFunctionProps) {
    const { logGroup, role } = new LoggingRole(scope, `${id}Role`);
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundle().handler(props.handler)),
      handler: 'index.handler',
      memorySize: 256,
      timeout: props.timeout,
      environment: props.environment,
      retryAttempts: props.retryAttempts,
      logGroup,
      role,
      ...(props.network && inside(scope, id, props.network)),
    });
    // Not the construct's own setting, which brings permissions on every trace of the account.
    (this.node.defaultChild as CfnFunction).tracingConfig = { mode: 'PassThrough' };
  }
}

/** Not mutable: ports are opened in the firewall alone (rule L9). */
function inside(scope: Construct, id: string, { vpc, subnets, securityGroupId }: FunctionNetwork) {
  const group = SecurityGroup.fromSecurityGroupId(scope, `${id}Group`, securityGroupId, { mutable: false });
  return { vpc, vpcSubnets: { subnets: [...subnets] }, securityGroups: [group] };
}

/** A function's role and log: narrower than AWS's managed policy, and the log ends by itself. */
export class LoggingRole extends Construct {
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
  }
}
