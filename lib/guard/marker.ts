import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Marker } from '../../lambda/move/marker-s3';
import { FIRST, type Place } from '../../lambda/move/placement';

/** Where the shop's data is, as the marker says that the mover flips. @param stackName has the bucket of the marker */
export async function placeOfData(stackName: string): Promise<Place> {
  const { Stacks } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  const bucket = Stacks?.[0]?.Outputs?.find(
    ({ OutputKey }) => OutputKey === 'DeploymentsBucketName',
  )?.OutputValue;
  if (!bucket)
    throw new Error(`The stack ${stackName} has no output DeploymentsBucketName: deploy phase 2 first`);
  const marked = await s3Marker(new S3Client(), bucket).read();
  return (marked?.placement ?? FIRST).data;
}
