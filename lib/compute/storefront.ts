import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import { storefrontFingerprint } from '../bundle';
import { ShopFunction } from '../shop-function';
import { suppressNag } from '../suppress-nag';

/** Publishes the storefront's files of this release to the bucket, and deletes obsolete ones. */
export class Storefront extends Construct {
  /** @param after dependencies of new pages: hosts with the API that they call */
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
    suppressNag(
      this,
      `AwsSolutions-IAM5[Resource::${Stack.of(bucket).stackName}:ExportsOutputFnGetAttContentStaticD1467DD7ArnBE65B539/*]`,
      'All objects of one bucket, which are the files of the storefront.',
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
