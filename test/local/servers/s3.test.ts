import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { FIRST, MarkerChangedError } from '../../../lambda/data-migration/placement/placement';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import { compiled } from '../../../local/compiled';
import { BUCKETS, s3Config } from '../../../local/servers/local-aws';
import { placementIn, s3Folder } from '../../../local/servers/placement';
import { folder, ROOT, removeFolders, watched } from '../shop-process';

const PHOTO = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256);

describe('the S3 on this machine', () => {
  const home = folder();
  let server: ChildProcess;
  let url: string;
  const clients: S3Client[] = [];

  async function start(): Promise<void> {
    const given = [...compiled('local/servers/s3.ts'), s3Folder(home)];
    server = watched(
      spawn(process.execPath, given, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] }),
    ).process;
    const [line] = await once(server.stdout ?? server, 'data');
    url = String(line).trim();
  }
  async function kill(): Promise<void> {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }
  const marker = () => {
    const client = new S3Client(s3Config(url));
    clients.push(client);
    return s3Marker(client, BUCKETS.deployments);
  };
  const blobs = () => openS3Blobs(BUCKETS.media, s3Config(url));

  beforeAll(start);
  afterAll(() => {
    for (const client of clients) client.destroy();
    removeFolders();
  });

  it('has the marker as it was written, by one writer alone, after it was killed too', async () => {
    expect(placementIn(home)).toBe('box');
    const first = await marker().write(FIRST, undefined);
    const moved = await marker().write({ ...FIRST, data: 'managed' }, first);
    await expect(marker().write(FIRST, first)).rejects.toThrow(MarkerChangedError);
    await expect(marker().write(FIRST, undefined)).rejects.toThrow(MarkerChangedError);
    await kill();
    expect(placementIn(home)).toBe('managed');
    await start();
    expect(await marker().read()).toEqual(moved);
    await expect(marker().write(FIRST, first)).rejects.toThrow(MarkerChangedError);
    await marker().write(FIRST, moved);
  });

  it('has files as they were put, and not those that were deleted, after it was killed too', async () => {
    await blobs().put('photos/1/640.webp', PHOTO, 'image/webp');
    await blobs().put('photos/2/640.webp', PHOTO, 'image/webp');
    await blobs().delete('photos/2/640.webp');
    await kill();
    await start();
    const listed: string[] = [];
    for await (const { key, bytes } of blobs().list('')) listed.push(`${key} ${bytes}`);
    expect(listed).toEqual([`photos/1/640.webp ${PHOTO.length}`]);
    expect(Buffer.compare((await blobs().get('photos/1/640.webp')) ?? new Uint8Array(), PHOTO)).toBe(0);
  });

  it('takes what a page of a shop on this machine uploads, and lets no other page send anything', async () => {
    const ask = (origin: string) =>
      fetch(`${url}/${BUCKETS.media}/x`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'PUT',
          'Access-Control-Request-Headers': 'if-none-match',
        },
      });
    const ours = await ask('http://localhost:8080');
    expect(ours.status).toBe(204);
    expect(ours.headers.get('access-control-allow-origin')).toBe('http://localhost:8080');
    expect(ours.headers.get('access-control-allow-headers')).toBe('if-none-match');
    expect((await ask('https://example.com')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
