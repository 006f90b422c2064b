import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Holds the trail's files for a year. In this stack, so that nobody removes it with the alarms. */
export function trailBucket(scope: Construct, id: string, accessLogs: IBucket): Bucket {
  const bucket = new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    // A file that was overwritten is kept as it was.
    versioned: true,
    serverAccessLogsBucket: accessLogs,
    serverAccessLogsPrefix: 'trail/',
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      { id: 'Expire', expiration: Duration.days(365), noncurrentVersionExpiration: Duration.days(30) },
    ],
  });
  const { partition, region } = Stack.of(scope);
  const principals = [new ServicePrincipal('cloudtrail.amazonaws.com')];
  // Any trail of this account in this region: the actual one is made in a later stack (rule ELB-9).
  const ofThisAccount = {
    ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudtrail:${region}:${Aws.ACCOUNT_ID}:trail/*` },
  };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['s3:GetBucketAcl'],
      resources: [bucket.bucketArn],
      conditions: ofThisAccount,
    }),
  );
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/*`)],
      conditions: { ...ofThisAccount, StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    }),
  );
  return bucket;
}
