import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { LoggingRole } from '../function';

/**
 * Makes the log group of a cluster's slow statements, so that it ends by itself: RDS would make it without an end, at
 * a moment of its own, and a resource of the template would collide with that.
 */
export class SlowLog extends Construct {
  constructor(scope: Construct, id: string, clusterId: string) {
    super(scope, id);
    const logGroupName = `/aws/rds/cluster/${clusterId}/slowquery`;
    const { role, logGroup } = new LoggingRole(this, 'Maker');
    const { partition, region } = Stack.of(this);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
        resources: [
          `arn:${partition}:logs:${region}:${Aws.ACCOUNT_ID}:log-group:${logGroupName}`,
          `arn:${partition}:logs:${region}:${Aws.ACCOUNT_ID}:log-group:${logGroupName}:*`,
        ],
      }),
    );
    acknowledge(
      role,
      `AwsSolutions-IAM5[Resource::arn:aws:logs:${region}:<AWS::AccountId>:log-group:/aws/rds/cluster/<ManagedDatabaseCluster9ED2E799>/slowquery:*]`,
      'The streams of one log group, which are part of its name in a policy.',
    );
    const shared = { installLatestAwsSdk: false, timeout: Duration.minutes(1), role, logGroup };
    const group = new AwsCustomResource(this, 'Group', {
      ...shared,
      resourceType: 'Custom::SlowLogGroup',
      onUpdate: {
        service: 'CloudWatchLogs',
        action: 'createLogGroup',
        parameters: { logGroupName },
        ignoreErrorCodesMatching: 'ResourceAlreadyExistsException',
        physicalResourceId: PhysicalResourceId.of('slow-log'),
      },
    });
    const retention = new AwsCustomResource(this, 'Retention', {
      ...shared,
      resourceType: 'Custom::SlowLogRetention',
      onUpdate: {
        service: 'CloudWatchLogs',
        action: 'putRetentionPolicy',
        parameters: { logGroupName, retentionInDays: RetentionDays.ONE_MONTH },
        physicalResourceId: PhysicalResourceId.of('slow-log-retention'),
      },
    });
    group.node.addDependency(role);
    retention.node.addDependency(group);
  }
}
