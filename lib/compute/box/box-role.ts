import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import { deploymentKeys } from '../../data/deployment-keys';
import { acknowledgeOutcomes } from '../../data/deployments-bucket';

export interface BoxRoleProps {
  readonly host: Asset;
  readonly deployments: IBucket;
  readonly log: ILogGroup;
}

/** What the box may do in AWS: read what it is to run, say what came of it, write its log. Nothing in EC2. */
export function boxRole(scope: Construct, id: string, { host, deployments, log }: BoxRoleProps): Role {
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
  // Without it a missing object would read as "forbidden".
  allow(['s3:ListBucket'], [deployments.bucketArn]);
  allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [log.logGroupArn]);
  acknowledgeOutcomes(role);
  acknowledge(
    role,
    `AwsSolutions-IAM5[Resource::arn:aws:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-${Stack.of(scope).region}/*.zip]`,
    'The key of a release changes with every release; naming it here would make each one a change of permissions.',
  );
  return role;
}
