import { Duration, Stack } from 'aws-cdk-lib';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LambdaTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { shopOf } from '../../names';
import type { NetworkTiers } from '../../network/network-stack';
import { type AppGroupPlan, type GroupName, groupName, type Service } from '../../phases';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';
import type { Balancer } from '../balancer/balancer';
import { type AppData, grantData } from './app-access';
import { appSettings } from './app-settings';
import { functionLimits } from './function-limits';

/** A group that is a function has one service: no handler has both. */
export interface FunctionPlan extends AppGroupPlan {
  readonly service: Service;
  readonly compute: 'lambda';
}

export const isFunctionPlan = (plan: AppGroupPlan): plan is FunctionPlan =>
  plan.compute === 'lambda' && plan.service !== 'all';

export interface AppFunctionProps extends AppData {
  readonly plan: FunctionPlan;
  readonly network: NetworkTiers;
  readonly loggedReadsPercent: number;
  /** Of the hosts: its lines are found, counted and reported beside theirs. */
  readonly log: ILogGroup;
  /** Of Lambda's kind, at each balancer that leads to the function. */
  readonly targets: readonly ApplicationTargetGroup[];
  readonly appBalancer: Balancer;
  readonly rpcBalancer: Balancer;
  /** PEM. */
  readonly insideCertificate: string;
}

/** One service and role as a function in the VPC, with the rights and settings that hosts would have (decision 0168). */
export class AppFunction extends Construct {
  readonly name: GroupName;
  readonly plan: FunctionPlan;
  readonly function: ShopFunction;

  constructor(scope: Construct, id: string, { plan, network, ...props }: AppFunctionProps) {
    super(scope, id);
    this.plan = plan;
    this.name = groupName(plan);
    const { memoryMegabytes, concurrency, timeoutSeconds } = functionLimits(plan);
    this.function = new ShopFunction(this, 'Function', {
      handler: { service: plan.service },
      timeout: Duration.seconds(timeoutSeconds),
      memoryMegabytes,
      concurrency,
      log: props.log,
      environment: appSettings({
        ...plan,
        shop: shopOf(Stack.of(this).stackName),
        loggedReadsPercent: props.loggedReadsPercent,
        allowedOrigins: props.allowedOrigins,
        database: props.database,
        users: props.users,
        cache: props.cache,
        mediaBucket: props.media.bucketName,
        photos: props.photos,
        appBalancer: props.appBalancer.loadBalancerDnsName,
        rpcBalancer: props.rpcBalancer.loadBalancerDnsName,
        insideCertificate: props.insideCertificate,
      }),
      network: {
        vpc: network.vpc,
        subnets: network.app,
        securityGroupId: network.firewall.groupId(this.name),
      },
    });
    grantData(this.function.role as Role, plan, props);
    for (const group of props.targets) group.addTarget(new LambdaTarget(this.function));
    if (plan.access === 'write') this.scheduleDuties();
  }

  /** A server does them beside requests. A missed minute is made up for by the next one, so it is not repeated. */
  private scheduleDuties(): void {
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    });
    new Schedule(this, 'Duties', {
      description: `Expiry, sweeps and repairs of ${this.name}`,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      target: new LambdaInvoke(this.function, {
        role,
        input: ScheduleTargetInput.fromObject({ source: 'shop.duties' }),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    });
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(this.function.node.defaultChild as CfnFunction)}.Arn>:*]`,
      'Its versions and aliases, of which it has none: the CDK allows them with the function.',
    );
  }
}
