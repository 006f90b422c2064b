import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import { acknowledge } from '../acknowledge';
import { storefrontFingerprint } from '../bundle';
import { ShopFunction } from '../function';

/** Brings the storefront's files of this release into the bucket, and takes away those that it no longer has. */
export class Storefront extends Construct {
  /** @param after what new pages wait for: hosts that have the API which they call */
  constructor(scope: Construct, id: string, bucket: IBucket, after?: IDependable) {
    super(scope, id);
    const publish = new ShopFunction(this, 'Function', {
      handler: 'storefront',
      timeout: Duration.minutes(2),
      environment: { BUCKET: bucket.bucketName },
    });
    const allow = (actions: string[], resources: string[]) =>
      publish.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['s3:PutObject', 's3:DeleteObject'], [bucket.arnForObjects('*')]);
    allow(['s3:ListBucket'], [bucket.bucketArn]);
    acknowledge(
      this,
      'AwsSolutions-IAM5[Resource::Shop-Data:ExportsOutputFnGetAttContentStaticD1467DD7ArnBE65B539/*]',
      'All of one bucket: its objects are the files of the storefront.',
    );
    const published = new CustomResource(this, 'Published', {
      resourceType: 'Custom::Storefront',
      serviceToken: publish.functionArn,
      serviceTimeout: Duration.minutes(3),
      properties: { Files: storefrontFingerprint() },
    });
    if (after) published.node.addDependency(after);
  }
}
