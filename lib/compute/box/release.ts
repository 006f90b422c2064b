import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, type IDependable } from 'constructs';
import { deploymentKeys } from '../../data/deployment-keys';
import { acknowledgeOutcomes } from '../../data/deployments-bucket';
import { ShopFunction } from '../../function';

export interface ReleaseProps {
  readonly asset: Asset;
  readonly deployments: IBucket;
  /** What must be there before the box can be asked. */
  readonly after: IDependable;
  /** Changes with the instance, so that a new box must prove itself healthy too, with the same release. */
  readonly machine: string;
  /** What the app reads from its environment, beyond what the box itself knows; nothing secret. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Asks the box to run a release and waits for what came of it (decision 0011). When it is refused the deploy fails,
 * and CloudFormation's way back asks for the release before.
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
    acknowledgeOutcomes(this);
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
