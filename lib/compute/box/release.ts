import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, type IDependable } from 'constructs';
import { acknowledgeOutcomes } from '../../data/deployments-bucket';
import { deploymentKeys } from '../../names';
import { ShopFunction } from '../../shop-function';

export interface ReleaseProps {
  readonly asset: Asset;
  readonly deployments: IBucket;
  /** Dependencies of the request: the box must exist and have its permissions. */
  readonly after: IDependable;
  /** Changes with the instance, so that a new box must also prove healthy with the same release. */
  readonly machine: string;
  /** The app's environment beyond the box's own settings; it contains no secret. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Requests a release from the box and waits for the outcome (decision 0011). A rejected release fails the deploy,
 * and CloudFormation's rollback requests the previous one.
 */
export class Release extends Construct {
  constructor(scope: Construct, id: string, { asset, deployments, after, machine, settings }: ReleaseProps) {
    super(scope, id);
    const ask = new ShopFunction(this, 'Function', {
      handler: 'release',
      timeout: Duration.minutes(15),
      environment: { BUCKET: deployments.bucketName },
    });
    const allow = (actions: string[], resources: string[]) =>
      ask.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['s3:PutObject'], [deployments.arnForObjects(deploymentKeys.desired)]);
    allow(['s3:GetObject'], [deployments.arnForObjects(deploymentKeys.outcome('*'))]);
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    allow(['cloudformation:DescribeStacks'], [Stack.of(this).stackId]);
    acknowledgeOutcomes(this, deployments);
    const installed = new CustomResource(this, 'Installed', {
      resourceType: 'Custom::Release',
      serviceToken: ask.functionArn,
      serviceTimeout: Duration.minutes(20),
      properties: {
        Release: asset.assetHash,
        Bucket: asset.s3BucketName,
        Key: asset.s3ObjectKey,
        Machine: machine,
        Settings: settings,
      },
    });
    installed.node.addDependency(after);
  }
}
