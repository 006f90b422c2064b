import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  HttpMethods,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface ContentBucketsProps {
  /** Origins that may upload directly to the bucket, like https://shop.example.com. At most one `*` each. */
  readonly shopOrigins: readonly string[];
  /** True if CloudFront serves the storefront and photos. */
  readonly readByCdn: boolean;
}

/** The object store: uploads of users, and the files of the storefront (decision 0022). */
export class ContentBuckets extends Construct {
  /** Photos: originals under `uploads/`, renditions under `photos/`. */
  readonly media: Bucket;
  /** The storefront's files of the deployed release. */
  readonly static: Bucket;
  /** S3 access logs, with one prefix for each bucket; kept for 90 days. */
  readonly accessLogs: Bucket;

  constructor(scope: Construct, id: string, { shopOrigins, readByCdn }: ContentBucketsProps) {
    super(scope, id);
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...closed,
      lifecycleRules: [{ id: 'Expire', expiration: Duration.days(90) }],
    });
    const shared = { ...closed, versioned: true, serverAccessLogsBucket: this.accessLogs };
    this.media = new Bucket(this, 'Media', {
      ...shared,
      serverAccessLogsPrefix: 'media/',
      cors: [
        {
          id: 'UploadsFromTheShop',
          allowedOrigins: [...shopOrigins],
          allowedMethods: [HttpMethods.PUT],
          allowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
          maxAge: 3600,
        },
      ],
      lifecycleRules: [
        {
          id: 'OldVersions',
          noncurrentVersionExpiration: Duration.days(30),
          expiredObjectDeleteMarker: true,
        },
        { id: 'BrokenUploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        // The app deletes an original within an hour of its use; this covers originals that a killed process left.
        { id: 'Originals', prefix: 'uploads/', expiration: Duration.days(7) },
      ],
    });
    this.static = new Bucket(this, 'Static', {
      ...shared,
      serverAccessLogsPrefix: 'static/',
      lifecycleRules: [
        {
          id: 'OldVersions',
          noncurrentVersionExpiration: Duration.days(30),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    if (readByCdn) {
      // Never the originals under `uploads/`, which are unprocessed camera files.
      letCdn(this.media, 's3:GetObject', this.media.arnForObjects('photos/*'));
      letCdn(this.static, 's3:GetObject', this.static.arnForObjects('*'));
      // With ListBucket, S3 returns 404 instead of 403 for a missing file.
      letCdn(this.static, 's3:ListBucket', this.static.bucketArn);
    }
  }
}

/** Any distribution of this account: the actual one is created in a later stack (rule ELB-9). */
function letCdn(bucket: Bucket, action: string, resource: string): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: [action],
      resources: [resource],
      conditions: {
        ArnLike: {
          'AWS:SourceArn': `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/*`,
        },
      },
    }),
  );
}

/** S3-managed encryption: the content is public, and CloudFront reads it without a KMS key of the shop. */
const closed: BucketProps = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
};
