import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CustomResourceEvent, respond } from '../../custom-resource/respond';
import { deploymentKeys } from '../../names';

/** Selects the image of a release once and records it, so that a rollback to a release restores its image. */
export async function handler(event: CustomResourceEvent<{ Release: string }>): Promise<void> {
  await respond(event, async () => {
    const made = { physicalId: 'machine-image' };
    if (event.RequestType === 'Delete') return made;
    const { Release } = event.ResourceProperties;
    const s3 = new S3Client();
    const known = await knownImages(s3);
    const ImageId = known[Release] ?? (await newestImage());
    if (!known[Release]) await remember(s3, { ...known, [Release]: ImageId });
    return { ...made, data: { ImageId } };
  });
}

const object = () => ({ Bucket: process.env.BUCKET, Key: deploymentKeys.images });

async function knownImages(s3: S3Client): Promise<Record<string, string>> {
  try {
    const { Body } = await s3.send(new GetObjectCommand(object()));
    return JSON.parse((await Body?.transformToString()) ?? '{}');
  } catch (error) {
    if (error instanceof NoSuchKey) return {};
    throw error;
  }
}

async function remember(s3: S3Client, images: Record<string, string>): Promise<void> {
  await s3.send(
    new PutObjectCommand({ ...object(), Body: JSON.stringify(images), ContentType: 'application/json' }),
  );
}

/** Amazon Linux 2023 for Graviton with its default kernel; the minimal image has another name. */
const imageName = 'al2023-ami-2023.*-kernel-6.1-arm64';

async function newestImage(): Promise<string> {
  const { Images = [] } = await new EC2Client().send(
    new DescribeImagesCommand({
      Owners: ['amazon'],
      Filters: [
        { Name: 'name', Values: [imageName] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  );
  const [newest] = Images.sort((one, other) =>
    (other.CreationDate ?? '').localeCompare(one.CreationDate ?? ''),
  );
  if (!newest?.ImageId) throw new Error(`No image of Amazon matches ${imageName} in this region`);
  return newest.ImageId;
}
