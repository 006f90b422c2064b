import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge } from '../acknowledge';

/** Where a deploy and the box talk to each other: the box has no other way to be told something. */
export function deploymentsBucket(scope: Construct, id: string): Bucket {
  const bucket = new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ id: 'Outcomes', prefix: 'outcomes/', expiration: Duration.days(30) }],
  });
  acknowledge(bucket, 'AwsSolutions-S1', 'A few objects between two roles of this account; no user content.');
  return bucket;
}

/** For a role that reads or writes outcomes, whose names are made at each deploy. */
export function acknowledgeOutcomes(role: IConstruct): void {
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::Shop-Data:ExportsOutputFnGetAttDeployments7DB91225Arn1F6FFB16/outcomes/*.json]',
    'An outcome is named by the request that asked for it: objects below one prefix of one bucket.',
  );
}
