import sharp from 'sharp';
import { NoSuchProductError } from '../../../../lambda/inventory/catalog/errors';

import { photoProblems } from '../../../../lambda/inventory/photos/errors';
import type { PhotoPipeline } from '../../../../lambda/inventory/photos/pipeline';
import { photoRoutes } from '../../../../lambda/inventory/photos/routes';
import { createApi } from '../../../../lambda/shared/http/api';
import type { Identify } from '../../../../lambda/shared/http/identity';
import { serveDocument } from '../../../../lambda/shared/http/openapi';
import { engines } from '../../../support/engines';
import { conforming } from '../../../support/openapi-conformance';
import { until } from '../../../support/until';
import { declare, log, openShop, type Shop, send, smallPhoto } from './shop';

const STAFF = 'staff-token-of-this-test';
const CUSTOMER = 'customer-token-of-this-test';
const DOCUMENT = '/openapi.json';
const NOBODY = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';

const identify: Identify = async (token) => {
  if (token === STAFF) return { userId: 'staff', role: 'staff' };
  if (token === CUSTOMER) return { userId: 'customer', role: 'customer' };
  return undefined;
};

describe.each(engines())('photos over HTTP on $name', (engine) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });

  const client = (service: PhotoPipeline, token = STAFF) => {
    const noProduct = { error: NoSuchProductError, status: 404, type: 'no-such-product', title: '' } as const;
    const app = createApi({ log, problems: [...photoProblems, noProduct], ready: async () => undefined });
    photoRoutes(app, { identify, photos: service.photos });
    serveDocument(app, { path: DOCUMENT, title: 'Photos', description: '' });
    const request = conforming(app.request, DOCUMENT);
    return async (method: string, path: string, body?: unknown) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const answer = await request(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
    };
  };

  it('refuses a size that is declared and too large before anything is uploaded', async () => {
    const call = client(shop.start());
    const path = `/api/products/${await shop.product()}/photos`;
    const declared = declare(await smallPhoto());
    const refused = await call('POST', path, { ...declared, width: 10_000_000, height: 4 });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        type: 'invalid-input',
        errors: [{ at: 'json.width', message: expect.stringContaining('at most 16384 pixels') }],
      },
    });
    expect((await call('POST', path, { ...declared, width: 8000, height: 8000 })).body.errors).toEqual([
      { at: 'json.width', message: expect.stringContaining('at most 40 megapixels') },
    ]);
    expect((await call('POST', path, { ...declared, width: 200, height: 100 })).status).toBe(201);
    expect((await call('POST', path, declared)).status).toBe(201);
  });

  it('takes a photo from the request to the product and to the browser', async () => {
    const service = shop.start();
    const call = client(service);
    const productId = await shop.product();
    const bytes = await sharp({ create: { width: 1000, height: 500, channels: 3, background: 'green' } })
      .png()
      .toBuffer();

    const asked = await call('POST', `/api/products/${productId}/photos`, declare(bytes, 'image/png'));
    expect(asked).toMatchObject({ status: 201, body: { status: 'waiting', upload: { method: 'PUT' } } });
    expect(Date.parse(asked.body.expiresAt) - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const { id, upload } = asked.body;
    const list = async () => (await call('GET', `/api/products/${productId}/photos`)).body.items;
    expect(await list()).toEqual([{ id, status: 'waiting', reason: null, main: false, renditions: [] }]);

    const through = new Request(new URL(upload.url, 'http://shop'), {
      method: upload.method,
      headers: { ...upload.headers, 'Content-Length': `${bytes.length}` },
      body: bytes,
    });
    expect((await service.files.fetch(through)).status).toBe(200);
    const completed = await call('POST', `/api/products/${productId}/photos/${id}/complete`);
    expect(completed).toMatchObject({ status: 202, body: { id } });

    await until(async () => (await list())[0].status === 'ready' && (await shop.pictureOf(productId)));
    const at = (width: number) => `/media/photos/${id}/${width}.webp`;
    expect(await list()).toEqual([
      {
        ...{ id, status: 'ready', reason: null, main: true },
        renditions: [
          { width: 160, height: 80, url: at(160) },
          { width: 320, height: 160, url: at(320) },
          { width: 640, height: 320, url: at(640) },
          { width: 1000, height: 500, url: at(1000) },
        ],
      },
    ]);
    expect(await shop.pictureOf(productId)).toBe(at(640));

    const picture = await service.files.request(at(640));
    expect(picture.status).toBe(200);
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    const served = Buffer.from(await picture.arrayBuffer());
    expect(await sharp(served).metadata()).toMatchObject({ format: 'webp', width: 640, height: 320 });
  });

  it.each([
    [
      'what is no picture',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'not a JPEG, PNG or WebP',
    ],
    ['what is damaged', undefined, 'damaged'],
  ])('says why it refuses %s, and leaves the product as it is', async (_, given, reason) => {
    const service = shop.start();
    const call = client(service);
    const productId = await shop.product();
    const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const bytes = given ?? whole.subarray(0, whole.length - 60);
    const { body } = await call('POST', `/api/products/${productId}/photos`, declare(bytes));
    await send(shop.blobs, body.upload, bytes);
    await call('POST', `/api/products/${productId}/photos/${body.id}/complete`);
    const first = async () => (await call('GET', `/api/products/${productId}/photos`)).body.items[0];
    await until(async () => (await first()).status === 'refused');
    expect(await first()).toMatchObject({ reason: expect.stringContaining(reason), renditions: [] });
    expect(await shop.pictureOf(productId)).toBeNull();
    const again = await call('POST', `/api/products/${productId}/photos/${body.id}/complete`);
    expect(again).toMatchObject({ status: 202, body: { status: 'refused' } });
  });

  it('is for staff alone', async () => {
    const service = shop.start();
    const photos = `/api/products/${await shop.product()}/photos`;
    const requests: [string, string, unknown?][] = [
      ['GET', photos],
      ['POST', photos, declare(Buffer.from('x'))],
      ['POST', `${photos}/${NOBODY}/complete`],
      ['DELETE', `${photos}/${NOBODY}`],
    ];
    for (const [method, path, body] of requests) {
      expect((await client(service, 'a-token-that-nobody-has')(method, path, body)).status).toBe(401);
      expect((await client(service, CUSTOMER)(method, path, body)).status).toBe(403);
    }
    expect(shop.files()).not.toContain(`uploads/${NOBODY}`);
  });

  it('refuses to complete a missing upload, and one of another size than declared', async () => {
    const service = shop.start({ blobs: { ...shop.blobs, head: async (key) => arrived.get(key) } });
    const arrived = new Map<string, { bytes: number }>();
    const call = client(service);
    const photos = `/api/products/${await shop.product()}/photos`;
    const { body } = await call('POST', photos, declare(Buffer.from('bytes')));
    const complete = () => call('POST', `${photos}/${body.id}/complete`);
    expect(await complete()).toMatchObject({ status: 409, body: { type: 'not-uploaded' } });
    arrived.set(`uploads/${body.id}`, { bytes: 4 });
    expect(await complete()).toMatchObject({ status: 409, body: { type: 'upload-differs' } });
  });

  it('finds no photo to complete that is deleted at that moment', async () => {
    const remove = client(shop.start());
    const photos = `/api/products/${await shop.product()}/photos`;
    const { body } = await remove('POST', photos, declare(Buffer.from('bytes')));
    const head = async () => {
      await remove('DELETE', `${photos}/${body.id}`);
      return undefined;
    };
    const call = client(shop.start({ blobs: { ...shop.blobs, head } }));
    const completed = await call('POST', `${photos}/${body.id}/complete`);
    expect(completed).toMatchObject({ status: 404, body: { type: 'no-such-photo' } });
  });

  it('finds a photo only below its own product', async () => {
    const call = client(shop.start());
    const [mine, other] = [await shop.product(), await shop.product()];
    const { body } = await call('POST', `/api/products/${mine}/photos`, declare(Buffer.from('x')));
    const missing = { status: 404, body: { type: 'no-such-photo' } };
    expect(await call('POST', `/api/products/${other}/photos/${body.id}/complete`)).toMatchObject(missing);
    expect(await call('DELETE', `/api/products/${other}/photos/${body.id}`)).toMatchObject(missing);
    expect(await call('DELETE', `/api/products/${mine}/photos/${NOBODY}`)).toMatchObject(missing);
    const noProduct = { status: 404, body: { type: 'no-such-product' } };
    expect(await call('GET', `/api/products/${NOBODY}/photos`)).toMatchObject(noProduct);
    expect(await call('POST', `/api/products/${NOBODY}/photos`, declare(Buffer.from('x')))).toMatchObject(
      noProduct,
    );
  });

  it.each([
    ['a type that photos do not have', { type: 'image/svg+xml' }],
    ['more than 10 MB', { bytes: 10_000_001 }],
    ['nothing', { bytes: 0 }],
    ['a part of a byte', { bytes: 1.5 }],
    ['a checksum in hex', { sha256: 'a'.repeat(64) }],
    ['a checksum that no 32 bytes have', { sha256: `${'A'.repeat(42)}B=` }],
    ['a field of another kind', { key: 'uploads/../secret' }],
  ])('refuses a declaration of %s', async (_, part) => {
    const call = client(shop.start());
    const declared = { ...declare(Buffer.from('x')), ...part };
    const answer = await call('POST', `/api/products/${await shop.product()}/photos`, declared);
    expect(answer).toMatchObject({ status: 400, body: { type: 'invalid-input' } });
  });

  it('takes 20 photos of a product and no more', async () => {
    const call = client(shop.start());
    const photos = `/api/products/${await shop.product()}/photos`;
    const declared = declare(Buffer.from('x'));
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) statuses.push((await call('POST', photos, declared)).status);
    expect(statuses).toEqual([...Array(20).fill(201), 409]);
    const [first] = (await call('GET', photos)).body.items;
    expect((await call('DELETE', `${photos}/${first.id}`)).status).toBe(204);
    expect((await call('POST', photos, declared)).status).toBe(201);
  });

  it('answers 503 while the queue is full, and accepts the repeated request', async () => {
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const render = () => gate.then(() => []);
    const call = client(shop.start({ capacity: 1, render }));
    const bytes = await smallPhoto();
    const complete: (() => ReturnType<typeof call>)[] = [];
    for (let i = 0; i < 2; i++) {
      const photos = `/api/products/${await shop.product()}/photos`;
      const { body } = await call('POST', photos, declare(bytes));
      await send(shop.blobs, body.upload, bytes);
      complete.push(() => call('POST', `${photos}/${body.id}/complete`));
    }
    const [first, second] = complete as [(typeof complete)[0], (typeof complete)[0]];
    expect((await first()).status).toBe(202);
    const busy = await second();
    expect(busy).toMatchObject({ status: 503, body: { type: 'busy' } });
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nor is a new one taken, before a byte of it is sent.
    const another = await call('POST', `/api/products/${await shop.product()}/photos`, declare(bytes));
    expect(another).toMatchObject({ status: 503, body: { type: 'busy' } });
    go();
    await until(async () => (await second()).status === 202);
  });

  it('serves nothing but renditions', async () => {
    const { files, photos } = shop.start();
    const { photo, upload } = await photos.request(await shop.product(), declare(Buffer.from('x')));
    await send(shop.blobs, upload, Buffer.from('x'));
    for (const path of [
      `/media/uploads/${photo.id}`,
      `/media/photos/${photo.id}/640.webp`,
      `/media/photos/../uploads/${photo.id}`,
      `/media/photos/${photo.id}/..%2f..%2f..%2fupload-secret`,
      '/media/photos/%2e%2e/%2e%2e/upload-secret',
      `/blobs/uploads/${photo.id}`,
    ]) {
      expect((await files.request(path)).status).toBe(404);
    }
  });

  it('documents every route with its answers', () => {
    const app = createApi({ log, problems: photoProblems, ready: async () => undefined });
    photoRoutes(app, { identify, photos: shop.start().photos });
    const { paths } = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
    const answersOf = (path: string, method: 'get' | 'post' | 'delete') =>
      Object.keys(paths?.[path]?.[method]?.responses ?? {});
    const photos = '/api/products/{id}/photos';
    expect(answersOf(photos, 'get')).toEqual(['200', '400', '401', '403', '404', '500', '503']);
    expect(answersOf(photos, 'post')).toEqual([
      '201',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '500',
      '503',
    ]);
    expect(answersOf(`${photos}/{photoId}/complete`, 'post')).toEqual([
      '202',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '500',
      '503',
    ]);
    expect(answersOf(`${photos}/{photoId}`, 'delete')).toEqual([
      '204',
      '400',
      '401',
      '403',
      '404',
      '413',
      '415',
      '500',
      '503',
    ]);
  });
});
