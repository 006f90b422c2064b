import { CfnLifecyclePolicy } from 'aws-cdk-lib/aws-dlm';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';

/** A snapshot a day of every volume that has the tag; the last seven are kept. InnoDB recovers from each by itself. */
export class DailySnapshots extends Construct {
  static readonly tag = { key: 'shop:snapshots', value: 'daily' };

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('dlm.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSDataLifecycleManagerServiceRole'),
      ],
    });
    acknowledge(
      role,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole]',
      'The policy that AWS maintains for this service; what it may do changes with the service, not with this shop.',
    );
    new CfnLifecyclePolicy(this, 'Policy', {
      description: 'A snapshot a day of the shop data - seven kept',
      state: 'ENABLED',
      executionRoleArn: role.roleArn,
      policyDetails: {
        resourceTypes: ['VOLUME'],
        targetTags: [DailySnapshots.tag],
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
