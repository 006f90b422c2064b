import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { HttpBindings } from '@hono/node-server';
import { cdnStub } from '../../../local/servers/cdn-stub';
import { createConnections } from '../../../local/servers/forward';
import { BUCKETS, s3Config } from '../../../local/servers/local-aws';
import { cleanup } from '../../support/cleanup';
import { startFauxqs } from '../../support/fauxqs';

const FILE = Uint8Array.from({ length: 1000 }, (_, at) => at % 251);
const KEY = 'photos/0199/320.webp';
const ORIGINAL = 'uploads/0199';

let get: (path: string, headers?: Record<string, string>) => Promise<Response>;
beforeAll(async () => {
  const { url } = await startFauxqs();
  const client = new S3Client(s3Config(url));
  cleanup(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: BUCKETS.media }));
  for (const Key of [KEY, ORIGINAL])
    await client.send(
      new PutObjectCommand({ Bucket: BUCKETS.media, Key, Body: FILE, ContentType: 'image/webp' }),
    );
  const stub = cdnStub({ nginxPort: 1, connections: createConnections(true), s3: url });
  get = async (path, headers = {}) =>
    stub(new Request(`http://shop${path}`, { headers }), {} as HttpBindings);
});

const bytes = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

test('B2: files of the bucket come whole, or the range of bytes that a client asks for', async () => {
  const whole = await get(`/media/${KEY}`);
  expect([whole.status, await bytes(whole)]).toEqual([200, FILE]);
  const part = await get(`/media/${KEY}`, { Range: 'bytes=100-199' });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/1000']);
  expect(part.headers.get('content-type')).toBe('image/webp');
  expect(await bytes(part)).toEqual(FILE.subarray(100, 200));
});

test('B2: a range that a file has not is a 416, and a file that is not there a 404', async () => {
  expect((await get(`/media/${KEY}`, { Range: 'bytes=1000-' })).status).toBe(416);
  expect((await get('/media/photos/0199/none.webp', { Range: 'bytes=0-' })).status).toBe(404);
});

test('B2: an original of a photo, which says where and when it was taken, is shown to nobody', async () => {
  for (const path of [
    `/media/${ORIGINAL}`,
    `/media/photos/../${ORIGINAL}`,
    `/media/photos/%2e%2e/${ORIGINAL}`,
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
});
