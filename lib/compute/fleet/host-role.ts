import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { suppressNag } from '../../suppress-nag';

export interface HostRoleOptions {
  /** The bucket of the hosts' files and releases. */
  readonly assets: IBucket;
  readonly log: ILogGroup;
}

/** The permissions of every host: read its files and release, and write its log. None in EC2. */
export function hostRole(scope: Construct, id: string, { assets, log }: HostRoleOptions): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  const allow = (actions: string[], resource: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  allow(['s3:GetObject'], assets.arnForObjects('*.zip'));
  allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], log.logGroupArn);
  suppressNag(
    role,
    `AwsSolutions-IAM5[Resource::arn:aws:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${Stack.of(scope).region}/*.zip]`,
    'During a roll-out, hosts of two releases read two keys.',
  );
  return role;
}
