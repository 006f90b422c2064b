import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createCatalog } from '../../lambda/inventory/catalog/service';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { galleryText, renditionKey, shownPhotos } from '../../lambda/inventory/photos/photo';
import { createPhotoPipeline } from '../../lambda/inventory/photos/pipeline';
import { placePhotos } from '../../lambda/inventory/photos/placement';
import { type Photos, UPLOAD_SECONDS } from '../../lambda/inventory/photos/service';
import { createTablePhotos, photoTable } from '../../lambda/inventory/photos/table-repository';
import { QueueUnavailableError } from '../../lambda/shared/jobs/jobs';
import { createMessageHandler } from '../../lambda/shared/jobs/message-handler';
import { startPoller } from '../../lambda/shared/jobs/poller';
import { createMemoryTable } from '../../lambda/shared/tables/memory-table';
import type { Table } from '../../lambda/shared/tables/table';
import { jobFrom } from '../../lambda/thumbnails/photo-messages';
import { ATTEMPTS } from '../../lambda/thumbnails/queue-limits';
import { createThumbnailWorker } from '../../lambda/thumbnails/worker';
import { createRecorder } from '../history/history';
import { judge } from '../history/judge';
import {
  describePhoto,
  type PhotoAnswer,
  type PhotoRequest,
  photoModel,
  withBackground,
} from '../history/photo-model';
import { line } from './history-text';
import { createMemoryBlobs, linkedBlobs, linkedTable } from './linked-stores';
import { LostError } from './network';
import { createStaff, PHOTO_REFUSALS, type Upload } from './photo-clients';
import { SETTLED_MS } from './plan';
import { type Program, type Setting, startShop } from './shop';
import { silent } from './silent-log';
import { createQueue, DEAD_LETTERS_URL, QUEUE_URL } from './simulated-queue';
import { type Judged, runClients, type SubjectOf } from './subject';
import { EPOCH } from './world';

/** Photos from their upload to the picture of a product: queue, workers, table and files. */
export const photoSubject: SubjectOf = {
  migrations: inventoryMigrations,
  run: async (setting) => {
    const { world, network, cluster, wiring } = setting;
    const now = () => Math.floor(EPOCH + world.now());
    const table = createMemoryTable(photoTable, now);
    const blobs = createMemoryBlobs();
    const queue = createQueue(world, network, HIDDEN_MS);
    await placePhotos(table, 'table');
    const catalog = createCatalog({ sql: cluster.direct, now, changed: async () => undefined });
    const facts = { category: 'mugs', name: 'Mug', description: 'A mug', picture: null };
    const { id: productId } = (await catalog.create({ ...facts, price: { amount: 100, currency: 'USD' } }))
      .product;
    await world.after(SETTLED_MS);

    const { table: throughTable = same, blobs: throughBlobs = same, queue: throughQueue = same } = wiring;
    const random = world.random('rendering');
    /** Two sizes, after a while. */
    const render = async (bytes: Uint8Array) => {
      await world.after(LONGEST_RENDERING_MS * random());
      return [160, 320].map((width) => ({ width, height: width, bytes }));
    };
    const program: Program<Photos> = ({ role, host, sql, now: time }) => {
      const reached = throughTable(linkedTable(table, network, host), role);
      const files = throughBlobs(linkedBlobs(blobs, network, host));
      const client = throughQueue(queue.clientAt(host));
      if (role === 'reader') {
        const store = createTablePhotos(reached);
        const work = createThumbnailWorker({ store, blobs: files, now: time, render });
        const places = { url: QUEUE_URL, deadLetterUrl: DEAD_LETTERS_URL, attempts: ATTEMPTS };
        const handle = createMessageHandler({ client, queue: places, parse: jobFrom, work, log: silent });
        const stop = startPoller({ client, queueUrl: QUEUE_URL, handle, concurrency: 2, log: silent });
        return { parts: undefined as never, stops: [stop] };
      }
      const { setPicture } = createCatalog({ sql, now: time, changed: async () => undefined });
      const jobs = {
        assertRoom: async () => undefined,
        send: async (job: object) => {
          const message = new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: JSON.stringify(job) });
          await client.send(message).catch((cause: unknown) => {
            throw cause instanceof LostError ? new QueueUnavailableError('no answer', 1, { cause }) : cause;
          });
        },
      };
      const pipeline = createPhotoPipeline({
        ...{ sql, blobs: files, log: silent, now: time, createWorker: createThumbnailWorker },
        ...{ setPicture, queue: { table: reached, jobs } },
      });
      return { parts: pipeline.photos, stops: [pipeline.background()] };
    };
    const shop = startShop(setting, program);
    const uploads: Upload[] = [];
    const recorder = createRecorder<PhotoRequest, PhotoAnswer>(world.now);
    const unexpected: string[] = [];
    const staffOf = (name: string) =>
      createStaff(name, {
        ...setting,
        ...{ shop, refusals: PHOTO_REFUSALS, unexpected, productId, uploads, recorder, blobs },
      });
    await runClients(setting, staffOf, async () => queue.isEmpty() && (await areSettled(table)));
    const last = staffOf('last');
    for (const where of shop.writers.keys())
      await last({ client: 0, pause: 0, kind: 'list', which: 0, where, quantity: 0 });
    shop.stop();
    const rows = await wrongPhotos(setting, { productId, uploads, table, blobs, dead: queue.dead });
    const calls = recorder.calls();
    const verdict = judge(withBackground(calls, EXPIRY_MS), {
      modelOf: () => photoModel,
      describe: describePhoto,
    });
    const lines = calls.map((call) => line(call, describePhoto));
    return { lines, verdict, others: [...unexpected, ...rows] } satisfies Judged;
  },
};

const same = <Value>(value: Value): Value => value;

const LONGEST_RENDERING_MS = 1500;
/** An upload that nobody completed, by the clocks of the shop. */
const EXPIRY_MS = (UPLOAD_SECONDS - 1) * 1000;
/** A message that was given out: less than in the shop, where a worker may take three minutes. */
const HIDDEN_MS = 120_000;

/** No photo waits for a worker, and no product for its photos. */
async function areSettled(table: Table): Promise<boolean> {
  for await (const item of table.scan())
    if (item.status === 'processing' || item.pictureDue === 1) return false;
  return true;
}

interface End {
  readonly productId: string;
  readonly uploads: readonly Upload[];
  readonly table: ReturnType<typeof createMemoryTable>;
  readonly blobs: ReturnType<typeof createMemoryBlobs>;
  readonly dead: readonly string[];
}

/** Sentences about photos that are not as their staff was told, once everything had time to come to its end. */
async function wrongPhotos({ cluster }: Setting, { productId, uploads, table, blobs, dead }: End) {
  const store = createTablePhotos(table);
  const wrong = dead.map(() => 'a photo was given up');
  for (const { name, id, state } of uploads) {
    const photo = await store.find({ productId, id });
    const files = await Promise.all([160, 320].map((width) => blobs.head(renditionKey(id, { width }))));
    const there = files.filter(Boolean).length;
    if (state === 'completed' && photo?.status !== 'ready')
      wrong.push(`${name} was completed, and is ${photo?.status}`);
    if (state === 'completed' && there < 2)
      wrong.push(`${name} was completed, and ${there} of its 2 files are there`);
    if (state === 'removed' && photo && photo.status !== 'deleting')
      wrong.push(`${name} was removed, and is ${photo.status}`);
    if (photo?.status !== 'ready' && there > 0)
      wrong.push(`${name} is ${photo?.status}, and ${there} of its files are left`);
  }
  const shown = shownPhotos(await store.ofProduct(productId), null);
  const [row] = await cluster.direct.query<{ gallery: string | null }>(
    'SELECT gallery FROM products WHERE id = ?',
    [productId],
  );
  if ((row?.gallery ?? '') !== galleryText(shown))
    wrong.push(`the product shows other photos than the ${shown.length} that are ready`);
  return wrong;
}
