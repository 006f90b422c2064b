import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { handler } from '../../../lib/compute/storefront.handler';
import { Bucket, lambdaEnvironment } from '../aws';
import { ResponseServer } from '../response-server';

const address = new ResponseServer();
const folder = mkdtempSync(join(tmpdir(), 'shop-storefront-'));
let bucket: Bucket;

beforeAll(async () => {
  lambdaEnvironment({ BUCKET: 'deployments' });
  bucket = await Bucket.start();
  lambdaEnvironment({ AWS_ENDPOINT_URL_S3: bucket.url });
  await address.start();
  mkdirSync(join(folder, 'pages'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => jest.spyOn(console, 'log').mockImplementation());

async function publish(type: 'Create' | 'Update' | 'Delete' = 'Create') {
  await handler(address.event(type, {}), {}, folder);
  return address.answer();
}

test('brings every file with its type, to be asked about each time, and kept by a CDN for seconds', async () => {
  // The server of this test does not keep this header, so it is looked at where it is sent.
  const sent = jest.spyOn(S3Client.prototype, 'send');
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'pages/cart.js'), 'export {};');
  expect(await publish()).toMatchObject({ Status: 'SUCCESS' });
  const { headers, status } = await fetch(`${bucket.url}/deployments/pages/cart.js`);
  expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
  const stored = sent.mock.calls.flatMap(([command]) =>
    command instanceof PutObjectCommand ? [command] : [],
  );
  expect(stored.map(({ input }) => [input.Key, input.CacheControl])).toEqual([
    ['pages/cart.js', 'public, max-age=0, must-revalidate, s-maxage=10'],
    ['index.html', 'public, max-age=0, must-revalidate, s-maxage=10'],
  ]);
  expect(await bucket.get('index.html')).toBe('<!doctype html>');
});

test('B2: brings the clip as a video, of which S3 answers ranges of bytes', async () => {
  const clip = readFileSync(join(__dirname, '../../../storefront/reserving.webm'));
  writeFileSync(join(folder, 'reserving.webm'), clip);
  expect(await publish('Update')).toMatchObject({ Status: 'SUCCESS' });
  const url = `${bucket.url}/deployments/reserving.webm`;
  const part = await fetch(url, { headers: { Range: 'bytes=1000-1999' } });
  expect([part.status, part.headers.get('content-type')]).toEqual([206, 'video/webm']);
  expect(part.headers.get('content-range')).toBe(`bytes 1000-1999/${clip.length}`);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(clip.subarray(1000, 2000));
  expect((await fetch(url, { headers: { Range: `bytes=${clip.length}-` } })).status).toBe(416);
});

test('deletes files that the release no longer has', async () => {
  rmSync(join(folder, 'pages/cart.js'));
  expect(await publish('Update')).toMatchObject({ Status: 'SUCCESS' });
  await expect(bucket.get('pages/cart.js')).rejects.toThrow();
  expect(await bucket.get('index.html')).toBe('<!doctype html>');
});

test('leaves the files when it is deleted', async () => {
  expect(await publish('Delete')).toMatchObject({ Status: 'SUCCESS' });
  expect(await bucket.get('index.html')).toBe('<!doctype html>');
});
