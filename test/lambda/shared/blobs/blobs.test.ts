import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type Blobs,
  BlobsUnavailableError,
  checkKey,
  type Stored,
  type Upload,
  type UploadTicket,
} from '../../../../lambda/shared/blobs/blobs';
import { openDiskBlobs } from '../../../../lambda/shared/blobs/disk';
import { openBlobs } from '../../../../lambda/shared/blobs/open';
import { openS3Blobs } from '../../../../lambda/shared/blobs/s3';
import { serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { cleanup, cleanupServer } from '../../../support/cleanup';
import { startS3 } from '../../../support/s3';
import { until } from '../../../support/until';

interface Store {
  readonly blobs: Blobs;
  /** The origin of ticket URLs that are only paths. */
  readonly origin: string;
}

const stores = [
  {
    name: 'S3',
    start: async (): Promise<Store> => {
      const { url, bucket, credentials } = await startS3();
      const blobs = openS3Blobs(bucket, {
        endpoint: url,
        region: 'eu-central-1',
        credentials,
        forcePathStyle: true,
        // A busy machine may take longer than a shop waits.
        requestHandler: { connectionTimeout: 60_000, socketTimeout: 60_000 },
      });
      return { blobs, origin: url };
    },
  },
  {
    name: 'disk',
    start: async (): Promise<Store> => {
      const folder = mkdtempSync(join(tmpdir(), 'shop-blobs-'));
      const blobs = await openBlobs(`file:${folder}`);
      const log = createLog({ write: () => undefined });
      const { port, stop } = await serve({ fetch: (incoming) => receive(blobs, incoming), log, port: 0 });
      cleanup(() => stop().then(() => rmSync(folder, { recursive: true })));
      return { blobs, origin: `http://127.0.0.1:${port}` };
    },
  },
];

describe.each(stores)('Blobs in $name', ({ start }) => {
  let store: Store;
  let blobs: Blobs;
  beforeAll(async () => {
    store = await start();
    blobs = store.blobs;
  });

  const photo = Buffer.from('the bytes of a photo'.repeat(5000));
  const declared = (overrides: Partial<Upload> = {}): Upload => ({
    key: `uploads/${randomUUID()}`,
    bytes: photo.length,
    type: 'image/jpeg',
    sha256: sha256(photo),
    expiresInSeconds: 60,
    ...overrides,
  });
  /** Uploads as a browser does: the bytes, with the URL and the headers of the ticket. */
  const send = async ({ method, url, headers }: UploadTicket, body: Uint8Array = photo) =>
    (await fetch(new URL(url, store.origin), { method, headers, body: body })).status;
  const stored = async (key: string) => Buffer.from((await blobs.get(key)) ?? []);

  it('gives back what was put, with its size', async () => {
    const key = `photos/${randomUUID()}/640.webp`;
    await blobs.put(key, photo, 'image/webp');
    expect(await stored(key)).toEqual(photo);
    expect(await blobs.head(key)).toEqual({ bytes: photo.length });
  });

  it('tells that there is nothing under a key, and deletes it all the same', async () => {
    expect(await blobs.get('photos/none')).toBeUndefined();
    expect(await blobs.head('photos/none')).toBeUndefined();
    await expect(blobs.delete('photos/none')).resolves.toBeUndefined();
  });

  it('forgets what was deleted, and may put it again', async () => {
    const key = `photos/${randomUUID()}/160.webp`;
    await blobs.put(key, photo, 'image/webp');
    await blobs.put(key, photo, 'image/webp');
    await blobs.delete(key);
    expect(await blobs.head(key)).toBeUndefined();
    await blobs.put(key, photo, 'image/webp');
    expect(await blobs.head(key)).toEqual({ bytes: photo.length });
  });

  it('lists what is stored under a prefix, in the order of keys, however many there are', async () => {
    const folder = randomUUID();
    const keys = ['a/1', 'a-b/1', 'a.txt', 'b', ...Array.from({ length: 100 }, (_, i) => `c/${i}`)];
    await Promise.all(keys.map((key) => blobs.put(`${folder}/${key}`, Buffer.from(key), 'text/plain')));
    const list = async (prefix: string) => {
      const found: Stored[] = [];
      for await (const stored of blobs.list(prefix)) found.push(stored);
      return found;
    };
    const expected = keys.sort().map((key) => ({ key: `${folder}/${key}`, bytes: key.length }));
    expect(await list(`${folder}/`)).toEqual(expected);
    expect(await list(`${folder}/a`)).toEqual(expected.filter(({ key }) => key.startsWith(`${folder}/a`)));
    expect(await list('nothing-begins-so')).toEqual([]);
  });

  it.each([
    '',
    '/etc/passwd',
    '../secret',
    'photos/../../secret',
    'photos//1',
    'photos/.hidden',
    'a\0b',
    'photos\\1',
  ])('refuses the key %j everywhere', async (key) => {
    const refused = expect.objectContaining({ name: 'BadKeyError' });
    await expect(async () => blobs.put(key, photo, 'image/webp')).rejects.toThrow(refused);
    await expect(async () => blobs.get(key)).rejects.toThrow(refused);
    await expect(async () => blobs.head(key)).rejects.toThrow(refused);
    await expect(async () => blobs.delete(key)).rejects.toThrow(refused);
    await expect(async () => blobs.uploadTicket(declared({ key }))).rejects.toThrow(refused);
  });

  it('takes an upload from plain fetch, exactly as a browser would send it', async () => {
    const upload = declared();
    expect(await send(await blobs.uploadTicket(upload))).toBe(200);
    expect(await stored(upload.key)).toEqual(photo);
  });

  it('refuses a ticket that was used', async () => {
    const upload = declared();
    const ticket = await blobs.uploadTicket(upload);
    expect(await send(ticket)).toBe(200);
    expect(await send(ticket)).toBe(412);
    expect(await send(await blobs.uploadTicket(upload))).toBe(412);
    expect(await stored(upload.key)).toEqual(photo);
  });

  it('overwrites no finished upload for whoever leaves out If-None-Match', async () => {
    const upload = declared();
    const ticket = await blobs.uploadTicket(upload);
    expect(await send(ticket)).toBe(200);
    const headers = without(ticket.headers, 'If-None-Match');
    // S3 refuses the signature, and a disk the second file.
    expect([403, 412]).toContain(await send({ ...ticket, headers }));
    expect(await stored(upload.key)).toEqual(photo);
  });

  it('refuses a ticket that expired', async () => {
    const upload = declared({ expiresInSeconds: 1 });
    const ticket = await blobs.uploadTicket(upload);
    await sleep(2100);
    expect(await send(ticket)).toBe(403);
    expect(await blobs.head(upload.key)).toBeUndefined();
  });

  const lies: [string, (ticket: UploadTicket) => { ticket?: UploadTicket; body?: Uint8Array }, number][] = [
    ['fewer bytes', () => ({ body: photo.subarray(1) }), 403],
    ['more bytes', () => ({ body: Buffer.concat([photo, photo]) }), 403],
    ['other bytes of the same size', () => ({ body: Buffer.alloc(photo.length) }), 400],
    [
      'another type',
      (t) => ({ ticket: { ...t, headers: { ...t.headers, 'Content-Type': 'text/html' } } }),
      403,
    ],
    [
      'another checksum, right for other bytes',
      (t) => ({
        ticket: {
          ...t,
          headers: { ...t.headers, 'x-amz-checksum-sha256': sha256(Buffer.alloc(photo.length)) },
        },
        body: Buffer.alloc(photo.length),
      }),
      403,
    ],
    [
      'no checksum',
      (t) => ({ ticket: { ...t, headers: { ...t.headers, 'x-amz-checksum-sha256': '' } } }),
      403,
    ],
    ['another key', (t) => ({ ticket: { ...t, url: t.url.replace(/uploads\/./, 'uploads/x') } }), 403],
    ['a later expiry', (t) => ({ ticket: { ...t, url: t.url.replace(/(expires)=(\d+)/i, '$1=9$2') } }), 403],
    ['another method', (t) => ({ ticket: { ...t, method: 'POST' as 'PUT' } }), 403],
    ['no signature', (t) => ({ ticket: { ...t, url: t.url.replace(/(signature)=\w+/i, '$1=') } }), 403],
  ];
  it.each(lies)('refuses %s than declared, and stores nothing', async (_, lie, status) => {
    const upload = declared();
    const honest = await blobs.uploadTicket(upload);
    const { ticket = honest, body = photo } = lie(honest);
    expect(await send(ticket, body)).toBe(status);
    expect(await blobs.head(upload.key)).toBeUndefined();
    expect(await send(honest)).toBe(200);
  });

  it('stores one of two uploads to the same key at once', async () => {
    const upload = declared();
    const ticket = await blobs.uploadTicket(upload);
    const statuses = await Promise.all([send(ticket), send(ticket)]);
    expect(statuses.sort()).toEqual([200, 412]);
    expect(await stored(upload.key)).toEqual(photo);
  });

  it('stores nothing of an upload that broke off, which may then be made again', async () => {
    const upload = declared();
    const ticket = await blobs.uploadTicket(upload);
    const cut = request(new URL(ticket.url, store.origin), {
      method: 'PUT',
      headers: { ...ticket.headers, 'Content-Length': photo.length },
    });
    cut.on('error', () => undefined);
    await new Promise((resolve) => cut.write(photo.subarray(0, 50_000), resolve));
    cut.destroy();
    expect(await blobs.head(upload.key)).toBeUndefined();
    await until(async () => (await send(ticket)) === 200);
  });
});

/** The headers without one of them. */
const without = (headers: Readonly<Record<string, string>>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));

describe('the S3 store', () => {
  it('signs the headers that bound an upload, which as parameters of the URL S3 would not enforce', async () => {
    const { url, bucket, credentials } = await startS3();
    const blobs = openS3Blobs(bucket, { endpoint: url, region: 'eu-central-1', credentials });
    const upload = { key: 'uploads/one', bytes: 3, type: 'image/png', sha256: sha256(Buffer.from('one')) };
    const { searchParams } = new URL((await blobs.uploadTicket({ ...upload, expiresInSeconds: 60 })).url);
    expect(searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual(
      expect.arrayContaining(['content-length', 'content-type', 'if-none-match', 'x-amz-checksum-sha256']),
    );
  });
});

describe('the disk store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-blobs-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const bytes = Buffer.from('bytes');
  const upload = { bytes: bytes.length, type: 'image/png', sha256: sha256(bytes), expiresInSeconds: 60 };
  const put = (blobs: Blobs, { url, headers }: UploadTicket, body: Uint8Array = bytes) =>
    receive(
      blobs,
      new Request(new URL(url, 'http://shop'), {
        method: 'PUT',
        headers: { ...headers, 'Content-Length': `${upload.bytes}` },
        body: body,
      }),
    );

  it('stores exactly one of many uploads to the same key at once', async () => {
    const blobs = await openDiskBlobs(folder);
    const ticket = await blobs.uploadTicket({ ...upload, key: 'uploads/many' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => put(blobs, ticket)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
  });

  it('takes tickets that another process of the host gave, or the one before a restart', async () => {
    const [first, second] = await Promise.all([openDiskBlobs(folder), openDiskBlobs(folder)]);
    const ticket = await first.uploadTicket({ ...upload, key: 'uploads/1' });
    expect((await put(second, ticket)).status).toBe(200);
    expect(await first.head('uploads/1')).toEqual({ bytes: 5 });
  });

  it('keeps the secret of its tickets from other users of the host', async () => {
    const blobs = await openDiskBlobs(folder);
    await blobs.uploadTicket({ ...upload, key: 'uploads/secret' });
    expect(statSync(join(folder, 'upload-secret')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['more', 'bytes and more'],
    ['fewer', 'byte'],
  ])('stops at once when a host lets %s bytes through than Content-Length says', async (_, body) => {
    const blobs = await openDiskBlobs(folder);
    const answer = await put(
      blobs,
      await blobs.uploadTicket({ ...upload, key: 'uploads/2' }),
      Buffer.from(body),
    );
    expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([
      400,
      'upload-differs',
    ]);
    expect(await blobs.head('uploads/2')).toBeUndefined();
  });
});

it('has keys that are the same path in a folder and in a URL, and never one outside', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab1-./\\%\0 A') }), (text) => {
      try {
        checkKey(text);
      } catch {
        return;
      }
      expect(join('/files', text)).toBe(`/files/${text}`);
      expect(new URL(`/${text}`, 'http://shop').pathname).toBe(`/${text}`);
    }),
  );
});

describe('an S3 that is away', () => {
  const openAt = (url: string, requestHandler = {}, briefMs?: number) => {
    const config = {
      ...{ endpoint: url, region: 'eu-central-1', forcePathStyle: true, requestHandler },
      credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    };
    return openS3Blobs('files', config, briefMs);
  };
  const listed = async (blobs: Blobs) => {
    for await (const _ of blobs.list('photos/')) throw new Error('There was a file');
  };
  const asked: Record<string, (blobs: Blobs) => Promise<unknown>> = {
    put: (blobs) => blobs.put('photos/1', Buffer.from('1'), 'text/plain'),
    get: (blobs) => blobs.get('photos/1'),
    head: (blobs) => blobs.head('photos/1'),
    delete: (blobs) => blobs.delete('photos/1'),
    list: listed,
  };

  it('says so for every call, and when to come back', async () => {
    const blobs = openAt('http://127.0.0.1:1');
    for (const ask of Object.values(asked)) {
      const error: BlobsUnavailableError = await ask(blobs).then(Promise.reject, (reason) => reason);
      expect(error).toBeInstanceOf(BlobsUnavailableError);
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    }
  });

  const silentServer = async () => {
    let requests = 0;
    const silent = createServer(() => requests++).listen(0, '127.0.0.1');
    cleanupServer(silent);
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    return { url, requests: () => requests };
  };

  it('is asked three times, and given up when it is silent', async () => {
    const { url, requests } = await silentServer();
    await expect(openAt(url, { socketTimeout: 50 }).head('photos/1')).rejects.toThrow(BlobsUnavailableError);
    expect(requests()).toBe(3);
  });

  it.each(['head', 'delete'] as const)(
    'is given up for %s, that a person waits for, before a silent connection is',
    async (call) => {
      const { url } = await silentServer();
      // Only the limit of the whole can end it: the connection may be silent for longer than any test.
      await expect(openAt(url, { socketTimeout: 0 }, 50)[call]('photos/1')).rejects.toThrow(
        BlobsUnavailableError,
      );
    },
  );
});

it('refuses a store of another kind', async () => {
  await expect(openBlobs('ftp://files')).rejects.toThrow('s3:// or file:');
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

async function receive(blobs: Blobs, incoming: Request): Promise<Response> {
  if (!blobs.receive) throw new Error('This store has HTTP of its own');
  return blobs.receive(incoming);
}
