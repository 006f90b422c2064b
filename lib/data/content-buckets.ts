import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  HttpMethods,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface ContentBucketsProps {
  /** Where the shop's pages are from, like https://shop.example.com: what may upload straight to the bucket. */
  readonly shopOrigin: string;
}

/** The object store: what people upload, and what the storefront is made of (decision 0022). */
export class ContentBuckets extends Construct {
  /** Photos: originals under `uploads/`, what is shown under `photos/`. */
  readonly media: Bucket;
  /** The storefront's files, as the release has them. */
  readonly static: Bucket;

  constructor(scope: Construct, id: string, { shopOrigin }: ContentBucketsProps) {
    super(scope, id);
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...closed,
      lifecycleRules: [{ id: 'Expire', expiration: Duration.days(90) }],
    });
    const shared = { ...closed, versioned: true, serverAccessLogsBucket: accessLogs };
    this.media = new Bucket(this, 'Media', {
      ...shared,
      serverAccessLogsPrefix: 'media/',
      cors: [
        {
          id: 'UploadsFromTheShop',
          allowedOrigins: [shopOrigin],
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
  }
}

/** Encrypted by S3: pictures of a shop are shown to everybody, and a CDN reads them without a key of ours. */
const closed: BucketProps = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
};
