import { handler } from '../../../../lib/compute/box/image.handler';
import { AwsServer, Bucket, lambdaEnvironment } from '../../aws';
import { ResponseServer } from '../../response-server';

const address = new ResponseServer();
let ec2: AwsServer;
let bucket: Bucket;
let images: [id: string, created: string][] = [];

beforeAll(async () => {
  lambdaEnvironment({ BUCKET: 'deployments' });
  await address.start();
  bucket = await Bucket.start();
  ec2 = await AwsServer.start(() => {
    const items = images.map(
      ([id, at]) => `<item><imageId>${id}</imageId><creationDate>${at}</creationDate></item>`,
    );
    return {
      body: `<DescribeImagesResponse><imagesSet>${items.join('')}</imagesSet></DescribeImagesResponse>`,
    };
  });
  lambdaEnvironment({ AWS_ENDPOINT_URL_EC2: ec2.url, AWS_ENDPOINT_URL_S3: bucket.url });
});
beforeEach(() => jest.spyOn(console, 'log').mockImplementation());

async function deploy(Release: string) {
  await handler(address.event('Update', { Release }));
  return address.answer();
}

test('fails the deploy when there is no image, and remembers nothing', async () => {
  expect(await deploy('first')).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('al2023'),
  });
});

test('takes the newest image of Amazon for a release that it sees for the first time', async () => {
  images = [
    ['ami-old', '2026-01-01T00:00:00.000Z'],
    ['ami-new', '2026-03-01T00:00:00.000Z'],
    ['ami-older', '2025-12-01T00:00:00.000Z'],
  ];
  expect(await deploy('first')).toMatchObject({ Status: 'SUCCESS', Data: { ImageId: 'ami-new' } });
  expect(ec2.calls.at(-1)?.values).toMatchObject({
    'Owner.1': 'amazon',
    'Filter.1.Value.1': expect.stringMatching(/arm64$/),
  });
});

test('keeps to the image of a release, whatever Amazon publishes since', async () => {
  images.push(['ami-newest', '2026-06-01T00:00:00.000Z']);
  expect(await deploy('first')).toMatchObject({ Data: { ImageId: 'ami-new' } });
  expect(await deploy('second')).toMatchObject({ Data: { ImageId: 'ami-newest' } });
});

test('goes back to the old image when a deploy goes back to the old release', async () => {
  expect(await deploy('first')).toMatchObject({
    Data: { ImageId: 'ami-new' },
  });
});

test('CDK-15: waits while the permission to look for images is on its way', async () => {
  ec2.denials.set('DescribeImages', ['UnauthorizedOperation', 'UnauthorizedOperation']);
  expect(await deploy('third')).toMatchObject({ Status: 'SUCCESS', Data: { ImageId: 'ami-newest' } });
});
