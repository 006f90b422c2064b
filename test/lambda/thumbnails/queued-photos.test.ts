import type { PhotoPipeline } from '../../../lambda/inventory/photos/pipeline';
import { QueueFullError, QueueUnavailableError } from '../../../lambda/shared/jobs/jobs';
import type { Received } from '../../../lambda/shared/jobs/message-handler';
import { startPoller } from '../../../lambda/shared/jobs/poller';
import { render } from '../../../lambda/thumbnails/render';
import { cleanup } from '../../support/cleanup';
import { createMortality, MOMENTS } from '../../support/mortality';
import { until } from '../../support/until';
import { log, requestAndUpload, smallPhoto } from '../inventory/photos/shop';
import { openQueuedShop } from './photo-queue';

let queued: Awaited<ReturnType<typeof openQueuedShop>>;
let service: PhotoPipeline;
let photo: Buffer;
beforeAll(async () => {
  queued = await openQueuedShop();
  service = queued.start();
  photo = await smallPhoto();
});

/** An uploaded photo, and the message that a worker gets for it. */
const upload = async (bytes = photo) => {
  const { shop } = queued;
  const productId = await shop.product();
  const id = await requestAndUpload(service.photos, shop.blobs, productId, bytes);
  const message = (receptions = 1): Received => ({
    ...{ id, receipt: 'none', body: JSON.stringify({ id, productId }), receptions },
  });
  return {
    id,
    productId,
    key: { id, productId },
    message,
    complete: () => service.photos.complete(productId, id),
  };
};
const startPolling = (handle = queued.worker()) => {
  const { client } = queued.sqs;
  const stop = startPoller({ client, queueUrl: queued.queue.url, handle, concurrency: 2, log });
  cleanup(stop);
  return stop;
};
const filesOf = (id: string) => queued.shop.files().filter((key) => key.startsWith(`photos/${id}`));
const renditionsOf = (id: string) => [`photos/${id}/160.webp`, `photos/${id}/200.webp`];
const statusOf = async (key: { id: string; productId: string }) => (await queued.items.find(key))?.status;

it('a photo goes through the queue to a worker without a database, and then becomes the picture of its product', async () => {
  const stop = startPolling();
  const { id, productId, key, complete } = await upload();
  await complete();
  await until(async () => (await statusOf(key)) === 'ready');
  expect(filesOf(id)).toEqual(renditionsOf(id));
  // The database has no row of it, and a host that has the database sets the picture.
  expect(await queued.shop.rows(productId)).toEqual([]);
  await service.sweep();
  expect(await queued.shop.pictureOf(productId)).toBe(`/media/photos/${id}/200.webp`);
  await stop();
});

it('the same message twice, from two workers, and once more later, has one result', async () => {
  const { id, key, message, complete } = await upload();
  await complete();
  const [one, other] = [queued.worker(), queued.worker()];
  await Promise.all([one(message()), other(message()), one(message(2))]);
  const ready = await queued.items.find(key);
  expect(ready).toMatchObject({ status: 'ready' });
  await other(message(3));
  expect(await queued.items.find(key)).toEqual(ready);
  expect(filesOf(id)).toEqual(renditionsOf(id));
});

it('a message that comes before its photo is complete, or after it is gone, does nothing', async () => {
  const { id, productId, key, message } = await upload();
  expect(await queued.worker()(message())).toBe(true);
  expect(await statusOf(key)).toBe('waiting');
  await service.photos.remove(productId, id);
  expect(await queued.worker()(message())).toBe(true);
  expect(filesOf(id)).toEqual([]);
});

it('a worker that is killed at any step leaves a photo that the next one finishes', async () => {
  const { shop, table } = queued;
  for (let last = 1, survived = false; !survived; last++) {
    for (const moment of MOMENTS) {
      const { id, key, message, complete } = await upload();
      await complete();
      const { mortal, isDead, death } = createMortality(last, moment);
      const dying = queued.worker({
        table: { ...table, get: mortal(table.get), update: mortal(table.update) },
        blobs: { ...shop.blobs, get: mortal(shop.blobs.get), put: mortal(shop.blobs.put) },
        render: mortal(render),
      });
      await Promise.race([dying(message()), death]).catch((error) => expect(error.message).toBe('killed'));
      survived ||= !isDead();
      expect(await queued.worker()(message(2))).toBe(true);
      expect(await statusOf(key)).toBe('ready');
      expect(filesOf(id)).toEqual(renditionsOf(id));
    }
    expect(last).toBeLessThan(20);
  }
  // The jobs that the killed ones asked to be given out again.
  await queued.queue.receive();
}, 60_000);

it('a hostile file is refused with its reason, and is not tried again', async () => {
  const { id, key, message, complete } = await upload(Buffer.from('<svg/>'));
  await complete();
  expect(await queued.worker()(message())).toBe(true);
  expect(await queued.items.find(key)).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('JPEG'),
  });
  expect(filesOf(id)).toEqual([]);
});

it('a photo whose job was never sent is found and queued', async () => {
  const { key, complete } = await upload();
  const failing = queued.start({
    queue: {
      table: queued.table,
      jobs: {
        assertRoom: async () => undefined,
        send: async () => Promise.reject(new QueueUnavailableError('away', 1)),
      },
    },
  });
  await expect(failing.photos.complete(key.productId, key.id)).rejects.toThrow(QueueUnavailableError);
  expect(await statusOf(key)).toBe('processing');
  void complete;
  await service.sweep();
  expect(await statusOf(key)).toBe('processing');
  queued.shop.hoursLater(0.5);
  await service.sweep();
  const stop = startPolling();
  await until(async () => (await statusOf(key)) === 'ready');
  await stop();
});

it('a queue that is too deep refuses an upload before a byte of it is sent', async () => {
  const { shop, table } = queued;
  const jobs = queued.sender(2);
  const full = queued.start({ queue: { table, jobs } });
  const productId = await shop.product();
  const declared = { bytes: 3, type: 'image/png', sha256: 'x' };
  const sent = await upload();
  await jobs.send(sent.key);
  await jobs.send(sent.key);
  const error = await full.photos.request(productId, declared).then(Promise.reject, (reason) => reason);
  expect(error).toBeInstanceOf(QueueFullError);
  expect(error.retryAfterSeconds).toBeGreaterThan(0);
  expect(await full.photos.list(productId)).toEqual([]);
  const stop = startPolling();
  await until(() =>
    full.photos.request(productId, declared).then(
      () => true,
      () => false,
    ),
  );
  await stop();
});

it('a store that is away for a while delays photos, and loses none', async () => {
  const { shop } = queued;
  let away = 3;
  const handle = queued.worker({
    blobs: {
      ...shop.blobs,
      get: async (key) => {
        if (away-- > 0) throw new Error('the object store does not answer');
        return shop.blobs.get(key);
      },
    },
  });
  const { key, complete } = await upload();
  await complete();
  const stop = startPolling(handle);
  await until(async () => (await statusOf(key)) === 'ready');
  expect(away).toBeLessThanOrEqual(0);
  await stop();
}, 30_000);

it('photos that were in the database before go on there, until they are moved, and then with the workers', async () => {
  const { shop } = queued;
  const productId = await shop.product();
  const old = shop.start();
  const inRows = await requestAndUpload(old.photos, shop.blobs, productId, photo);
  const alsoInRows = await requestAndUpload(old.photos, shop.blobs, productId, photo);
  // Without a poller: this process renders it.
  await service.photos.complete(productId, inRows);
  await until(async () => (await shop.rows(productId)).some(({ status }) => status === 'ready'));
  while ((await service.move()) > 0);
  expect(await shop.rows(productId)).toEqual([]);
  await service.photos.complete(productId, alsoInRows);
  const stop = startPolling();
  await until(async () => (await statusOf({ productId, id: alsoInRows })) === 'ready');
  await stop();
  expect((await service.photos.list(productId)).map(({ status }) => status)).toEqual(['ready', 'ready']);
});
