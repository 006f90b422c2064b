import { Stack } from 'aws-cdk-lib';
import { CfnLifecyclePolicy } from 'aws-cdk-lib/aws-dlm';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { SNAPSHOT_TAG, shopOf, snapshotTagValue } from '../names';
import { suppressNag } from '../suppress-nag';

/** Volumes with this tag get snapshots. */
export function snapshotTag(scope: Construct): { key: string; value: string } {
  return { key: SNAPSHOT_TAG, value: snapshotTagValue(shopOf(Stack.of(scope).stackName)) };
}

/** A daily snapshot of every volume with the tag; the last seven are kept. InnoDB recovers from each of them. */
export class DailySnapshots extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('dlm.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSDataLifecycleManagerServiceRole'),
      ],
    });
    suppressNag(
      role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole]',
      'AWS maintains this policy for the service; its permissions change with the service, not with this shop.',
    );
    new CfnLifecyclePolicy(this, 'Policy', {
      description: 'A snapshot a day of the shop data - seven kept',
      state: 'ENABLED',
      executionRoleArn: role.roleArn,
      policyDetails: {
        resourceTypes: ['VOLUME'],
        targetTags: [snapshotTag(this)],
        schedules: [
          {
            name: 'Daily',
            copyTags: true,
            createRule: { interval: 24, intervalUnit: 'HOURS', times: ['07:00'] },
            retainRule: { count: 7 },
          },
        ],
      },
    });
  }
}
