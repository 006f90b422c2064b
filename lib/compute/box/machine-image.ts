import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentKeys } from '../../names';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';

export interface MachineImageProps {
  /** Any word: stands for the newest image at its first deploy. */
  readonly release: string;
  /** Stores the image of each release. */
  readonly deployments: IBucket;
}

/**
 * The newest Amazon Linux 2023 when `release` was first deployed (decision 0013). A template that read AWS's "latest"
 * parameter would replace the box on a deploy that changes nothing (rule CDK-14).
 */
export class MachineImage extends Construct {
  readonly imageId: string;

  constructor(scope: Construct, id: string, { release, deployments }: MachineImageProps) {
    super(scope, id);
    const choose = new ShopFunction(this, 'Function', {
      handler: 'image',
      timeout: Duration.minutes(1),
      environment: { BUCKET: deployments.bucketName },
    });
    const allow = (actions: string[], resources: string[]) =>
      choose.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['ec2:DescribeImages'], ['*']);
    allow(['s3:GetObject', 's3:PutObject'], [deployments.arnForObjects(deploymentKeys.images)]);
    // Without ListBucket, S3 returns 403 for a missing object.
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    suppressNag(this, 'AwsSolutions-IAM5[Resource::*]', 'DescribeImages has no resource-level permissions.');
    const image = new CustomResource(this, 'Image', {
      resourceType: 'Custom::MachineImage',
      serviceToken: choose.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { Release: release },
    });
    this.imageId = image.getAttString('ImageId');
  }
}
