import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export interface TrailProps {
  /** The bucket of its files. */
  readonly files: IBucket;
  /** Buckets in which each write is recorded. */
  readonly writesTo: readonly IBucket[];
}

/**
 * Records changes of the account by anybody, in all regions, and writes to the buckets that matter: photos of users, and
 * the box that a deploy speaks through. Reads would be a hundred times as many.
 */
export class Trail extends Construct {
  constructor(scope: Construct, id: string, { files, writesTo }: TrailProps) {
    super(scope, id);
    new CfnTrail(this, 'Trail', {
      s3BucketName: files.bucketName,
      isLogging: true,
      // Changes of permissions and of the CDN are recorded in us-east-1.
      isMultiRegionTrail: true,
      includeGlobalServiceEvents: true,
      enableLogFileValidation: true,
      advancedEventSelectors: [
        {
          name: 'Changes of the account',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Management'] },
            { field: 'readOnly', equalTo: ['false'] },
          ],
        },
        {
          name: 'Writes to photos and deployments',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
            { field: 'readOnly', equalTo: ['false'] },
            { field: 'resources.ARN', startsWith: writesTo.map((bucket) => `${bucket.bucketArn}/`) },
          ],
        },
      ],
    });
  }
}
