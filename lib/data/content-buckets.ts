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
  /** Where the shop's pages are from, like https://shop.example.com: what may upload straight to the bucket. One `*` each. */
  readonly shopOrigins: readonly string[];
  /** Whether CloudFront brings the storefront and photos to browsers. */
  readonly readByCdn: boolean;
}

/** The object store: what people upload, and what the storefront is made of (decision 0022). */
export class ContentBuckets extends Construct {
  /** Photos: originals under `uploads/`, what is shown under `photos/`. */
  readonly media: Bucket;
  /** The storefront's files, as the release has them. */
  readonly static: Bucket;
  /** Who asked for what, a prefix for each that is asked; kept for 90 days. */
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
        // The app deletes an original within an hour of its use; this is for what a killed process left.
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
      // Never originals: they are under `uploads/`, as people's cameras made them.
      letCdn(this.media, 's3:GetObject', this.media.arnForObjects('photos/*'));
      letCdn(this.static, 's3:GetObject', this.static.arnForObjects('*'));
      // Who may list is told 404 for a file that is not there, instead of 403.
      letCdn(this.static, 's3:ListBucket', this.static.bucketArn);
    }
  }
}

/** Any distribution of this account: which one it is, the stack that is made after this one knows (rule L9). */
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

/** Encrypted by S3: pictures of a shop are shown to everybody, and a CDN reads them without a key of ours. */
const closed: BucketProps = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
};
