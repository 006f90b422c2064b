import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import { deploymentKeys } from '../../data/deployment-keys';
import { ShopFunction } from '../../function';

export interface MachineImageProps {
  /** Any word: the newest image at the time when it was first deployed. */
  readonly release: string;
  /** Remembers which image a release stands for. */
  readonly deployments: IBucket;
}

/**
 * Amazon Linux 2023 as it was when `release` was first deployed (decision 0013). A template that read Amazon's moving
 * parameter would replace the box on a deploy that changes nothing (rule C14).
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
    // Without it a missing object would read as "forbidden".
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'Describing images has no resource to narrow to.');
    const image = new CustomResource(this, 'Image', {
      resourceType: 'Custom::MachineImage',
      serviceToken: choose.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { Release: release },
    });
    this.imageId = image.getAttString('ImageId');
  }
}
