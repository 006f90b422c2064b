import { S3Client } from '@aws-sdk/client-s3';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import type { Marker } from '../../lambda/data-migration/placement/placement';
import { OUTPUT } from '../names';
import { outputOf } from './stack-output';

/** The marker that the mover flips. @param stackName the stack of its bucket */
export async function markerIn(stackName: string): Promise<Marker> {
  const bucket = await outputOf(stackName, OUTPUT.deploymentsBucket);
  if (!bucket)
    throw new Error(`The stack ${stackName} has no output ${OUTPUT.deploymentsBucket}: deploy phase 2 first`);
  return s3Marker(new S3Client(), bucket);
}
