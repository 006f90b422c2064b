import { Aws, Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { LoggingRole } from '../shop-function';
import { suppressNag } from '../suppress-nag';

/**
 * Creates the slow-query log group of a cluster with a retention period. RDS would create it without one, at a time
 * that a resource of the template would collide with.
 */
export class SlowLog extends Construct {
  constructor(scope: Construct, id: string, clusterId: string) {
    super(scope, id);
    const logGroupName = `/aws/rds/cluster/${clusterId}/slowquery`;
    const { role, logGroup } = new LoggingRole(this, 'Maker', this.rights());
    this.acknowledgeWildcards();
    const shared = {
      installLatestAwsSdk: false,
      timeout: Duration.minutes(1),
      serviceTimeout: Duration.minutes(2),
      role,
      logGroup,
    };
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

  /**
   * By the cluster's name as CloudFormation begins it, so that the role is made minutes before the cluster: the CDK's
   * function is called seconds after the cluster is there, and repeats nothing (rule CDK-15).
   */
  private rights(): Record<string, PolicyDocument> {
    const { partition, region } = Stack.of(this);
    const arn = `arn:${partition}:logs:${region}:${Aws.ACCOUNT_ID}:log-group:${this.namePattern()}`;
    const statements = [
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
        resources: [arn, `${arn}:*`],
      }),
    ];
    return { SlowLog: new PolicyDocument({ statements }) };
  }

  private namePattern(): string {
    return `/aws/rds/cluster/${Stack.of(this).stackName.toLowerCase()}-*/slowquery`;
  }

  private acknowledgeWildcards(): void {
    const group = `arn:aws:logs:${Stack.of(this).region}:<AWS::AccountId>:log-group:${this.namePattern()}`;
    for (const resource of [group, `${group}:*`]) {
      suppressNag(
        this,
        `AwsSolutions-IAM5[Resource::${resource}]`,
        'The name of a cluster ends as CloudFormation likes, and the streams of a log group are part of its name.',
      );
    }
  }
}
