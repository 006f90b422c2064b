import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundle, type FunctionName, type HandlerName } from './bundle';
import { suppressNag } from './suppress-nag';

export interface ShopFunctionProps {
  /** A program of the infrastructure, or the shop's own code: a service behind a load balancer, or a worker. */
  readonly handler: HandlerName | { readonly service: FunctionName };
  readonly timeout: Duration;
  /** Default: 256. */
  readonly memoryMegabytes?: number;
  /** The number that may run at a time, reserved. Default: the account's. */
  readonly concurrency?: number;
  readonly environment?: Record<string, string>;
  /** Retries of Lambda after a failed asynchronous invocation; its default is 2. */
  readonly retryAttempts?: number;
  /**
   * A log of others to write to, without Lambda's own lines about each invocation, which would cost more than the app's.
   * Default: its own, with them.
   */
  readonly log?: ILogGroup;
  /** The VPC to run in, where the firewall applies. Default: outside of the VPC. */
  readonly network?: FunctionNetwork;
}

interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
}

/** A function of the shop. It may write its own log; the caller grants the rest. */
export class ShopFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: ShopFunctionProps) {
    const policies = props.network && networkInterfaces();
    const { logGroup, role } = new LoggingRole(scope, `${id}Role`, policies, props.log);
    if (props.network) {
      suppressNag(
        role,
        'AwsSolutions-IAM5[Resource::*]',
        'Lambda makes the network interfaces of a function with its role, and EC2 has no resource to narrow to.',
      );
    }
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(directoryOf(props.handler)),
      handler: 'index.handler',
      memorySize: props.memoryMegabytes ?? 256,
      reservedConcurrentExecutions: props.concurrency,
      timeout: props.timeout,
      environment: props.environment,
      retryAttempts: props.retryAttempts,
      logGroup,
      role,
      ...(props.log && { loggingFormat: LoggingFormat.JSON, systemLogLevelV2: SystemLogLevel.WARN }),
      ...(props.network && inside(scope, id, props.network)),
    });
    // Not through the construct's property, which adds permissions on every trace of the account.
    (this.node.defaultChild as CfnFunction).tracingConfig = { mode: 'PassThrough' };
  }
}

const directoryOf = (handler: ShopFunctionProps['handler']): string =>
  typeof handler === 'string' ? bundle().handler(handler) : bundle().service(handler.service);

/** Not mutable: only the firewall opens ports (rule ELB-9). */
function inside(scope: Construct, id: string, { vpc, subnets, securityGroupId }: FunctionNetwork) {
  const group = SecurityGroup.fromSecurityGroupId(scope, `${id}Group`, securityGroupId, { mutable: false });
  return { vpc, vpcSubnets: { subnets: [...subnets] }, securityGroups: [group] };
}

/**
 * The permissions that Lambda needs to put a function into a VPC; its managed policy grants these and more. They are
 * part of the role itself (rule CDK-15): a separate policy may name a database, and is then created minutes later,
 * seconds before the function.
 */
function networkInterfaces(): Record<string, PolicyDocument> {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const statements = [new PolicyStatement({ actions, resources: ['*'] })];
  return { NetworkInterfaces: new PolicyDocument({ statements }) };
}

/** A function's role and log: narrower than AWS's managed policy, and the log ends by itself. */
export class LoggingRole extends Construct {
  readonly role: Role;
  readonly logGroup: ILogGroup;

  constructor(
    scope: Construct,
    id: string,
    inlinePolicies?: Record<string, PolicyDocument>,
    logGroup?: ILogGroup,
  ) {
    super(scope, id);
    this.logGroup =
      logGroup ??
      new LogGroup(this, 'Log', {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies,
    });
    this.logGroup.grantWrite(this.role);
  }
}
