import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Marker } from '../../lambda/move/marker-s3';
import type { Marker } from '../../lambda/move/placement';

/** The marker that the mover flips. @param stackName has its bucket */
export async function markerIn(stackName: string): Promise<Marker> {
  const { Stacks } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const bucket = Stacks?.[0]?.Outputs?.find(
    ({ OutputKey }) => OutputKey === 'DeploymentsBucketName',
  )?.OutputValue;
  if (!bucket)
    throw new Error(`The stack ${stackName} has no output DeploymentsBucketName: deploy phase 2 first`);
  return s3Marker(new S3Client(), bucket);
}
