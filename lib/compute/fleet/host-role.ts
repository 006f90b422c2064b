import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';

export interface HostRoleProps {
  /** Where what hosts run is brought from. */
  readonly assets: IBucket;
  readonly log: ILogGroup;
}

/** What every host may do in AWS: read what it is to run, and write its log. Nothing in EC2. */
export function hostRole(scope: Construct, id: string, { assets, log }: HostRoleProps): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  const allow = (actions: string[], resource: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  allow(['s3:GetObject'], assets.arnForObjects('*.zip'));
  allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], log.logGroupArn);
  acknowledge(
    role,
    `AwsSolutions-IAM5[Resource::arn:aws:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${Stack.of(scope).region}/*.zip]`,
    'While a release rolls through a group, hosts of two releases read two keys.',
  );
  return role;
}
