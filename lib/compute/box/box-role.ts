import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledgeOutcomes } from '../../data/deployments-bucket';
import { deploymentKeys } from '../../names';
import { suppressNag } from '../../suppress-nag';

export interface BoxRoleOptions {
  readonly host: Asset;
  readonly deployments: IBucket;
  readonly log: ILogGroup;
}

/** The box's permissions: read its release, report the outcome, write its log. None in EC2. */
export function boxRole(scope: Construct, id: string, { host, deployments, log }: BoxRoleOptions): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  const { desired, certificate, privateKey, outcome } = deploymentKeys;
  const allow = (actions: string[], resources: string[]) =>
    role.addToPolicy(new PolicyStatement({ actions, resources }));
  allow(
    ['s3:GetObject'],
    [
      ...[desired, certificate, privateKey].map((key) => deployments.arnForObjects(key)),
      host.bucket.arnForObjects('*.zip'),
    ],
  );
  allow(['s3:PutObject'], [deployments.arnForObjects(outcome('*'))]);
  // Without ListBucket, S3 returns 403 for a missing object.
  allow(['s3:ListBucket'], [deployments.bucketArn]);
  allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [log.logGroupArn]);
  acknowledgeOutcomes(role, deployments);
  suppressNag(
    role,
    `AwsSolutions-IAM5[Resource::arn:aws:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${Stack.of(scope).region}/*.zip]`,
    'The key of a release changes with every release; naming it here would change permissions with each.',
  );
  return role;
}
