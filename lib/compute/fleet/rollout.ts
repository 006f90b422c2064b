import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import { ShopFunction } from '../../function';

/**
 * Watches every new host of the groups and tells CloudFormation whether it may stay (decision 0091). Outside the VPC,
 * so that hosts need neither permissions nor an endpoint for it.
 */
export class Rollout extends Construct {
  readonly function: IFunction;

  /** @param groupsNamed what the names of the groups begin with: they come after this, so that no launch is missed */
  constructor(scope: Construct, id: string, groupsNamed: string) {
    super(scope, id);
    const watch = new ShopFunction(this, 'Function', {
      handler: 'rollout',
      timeout: Duration.minutes(14),
      // It has said no when it failed: a second try would come too late.
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
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'These three only look, and cannot be narrowed.');
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
  }
}
