import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';

export interface RolloutProps {
  /** Prefix of the groups' names. The groups are created later, so that no launch is missed. */
  readonly groupsNamed: string;
  /** True if groups are replaced by instance refreshes. */
  readonly refreshes: boolean;
}

/**
 * Watches every new host of the groups, and ends a roll-out whose hosts are bad (decisions 0091 and 0131). Runs outside
 * of the VPC, so that hosts need neither permissions nor an endpoint for it.
 */
export class Rollout extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { groupsNamed, refreshes }: RolloutProps) {
    super(scope, id);
    const watch = new ShopFunction(this, 'Function', {
      handler: 'rollout',
      timeout: Duration.minutes(14),
      // A failure has already signalled a refusal: a retry would be too late.
      retryAttempts: 0,
    });
    const allow = (actions: string[], resource: string) =>
      watch.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(
      [
        'autoscaling:DescribeAutoScalingGroups',
        'cloudwatch:DescribeAlarms',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      '*',
    );
    allow(['cloudformation:DescribeStacks', 'cloudformation:SignalResource'], Stack.of(this).stackId);
    suppressNag(this, 'AwsSolutions-IAM5[Resource::*]', 'Read-only, without resource-level permissions.');
    new Rule(this, 'Launched', {
      description: 'A new host of a tier wants to be watched',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance Launch Successful'],
        detail: { AutoScalingGroupName: [{ prefix: groupsNamed }] },
      },
      targets: [new LambdaFunction(watch, { retryAttempts: 2, maxEventAge: Duration.minutes(5) })],
    });
    this.function = watch;
    if (refreshes) this.endRefreshes(watch, groupsNamed);
  }

  private endRefreshes(watch: ShopFunction, groupsNamed: string): void {
    const { partition, region, account } = Stack.of(this);
    const groups = (owner: string) =>
      `arn:${partition}:autoscaling:${region}:${owner}:autoScalingGroup:*:autoScalingGroupName/${groupsNamed}*`;
    watch.addToRolePolicy(
      new PolicyStatement({ actions: ['autoscaling:CancelInstanceRefresh'], resources: [groups(account)] }),
    );
    suppressNag(
      this,
      `AwsSolutions-IAM5[Resource::${groups('<AWS::AccountId>')}]`,
      'The groups need this function before they exist, and their names end by chance.',
    );
    new Rule(this, 'AlarmFired', {
      description: 'The alarm of a group may end its roll-out, the bake time included',
      eventPattern: {
        source: ['aws.cloudwatch'],
        detailType: ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ wildcard: `${groupsNamed}*RolloutAlarm*` }], state: { value: ['ALARM'] } },
      },
      targets: [new LambdaFunction(watch, { retryAttempts: 2, maxEventAge: Duration.minutes(5) })],
    });
  }
}
