import { setTimeout as sleep } from 'node:timers/promises';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { faultNamed } from '../../lab/faults/faults';
import { poisson } from '../../lab/load/arrivals';
import type { Load } from '../../lab/load/generator';
import { seeded } from '../../lab/load/random';
import { openStage, type Stage } from '../../lab/scenarios/open';
import { type LabShop, openLabShop } from '../../lab/servers/shop';
import { type Photo, renditionKey } from '../../lambda/inventory/photos/photo';
import { photoFrom } from '../../lambda/inventory/photos/table-repository';
import { openS3Blobs } from '../../lambda/shared/blobs/s3';
import type { Table } from '../../lambda/shared/tables/table';
import { type Phase, phaseNumbered } from '../../lib/phases';
import { BUCKETS, localConfig, s3Config } from '../../local/servers/local-aws';
import { serversOf } from '../local/phase-servers';
import { eventually, until } from '../support/until';
import { startFunction } from './function-host';
import { createUploader, type Uploaded, wordsOf } from './uploader';

const phase6 = phaseNumbered(6) as Phase;
const say = () => undefined;
const MIX = { product: 10, 'front page': 3, 'own orders': 3, profile: 2, buy: 2, 'log in': 0.5 } as const;
const RATE = 20;
const BEFORE_S = 2;
const AFTER_S = 4;
const UPLOADERS = 2;
/** Instead of 18 minutes, until the photo of a killed worker is given out again. */
const VISIBILITY_S = 10;
/** A photo is late if it is ready more than so long after its upload. Only counted. */
const LATE_MS = 5000;
const KILLS = 3;

type Uploader = Awaited<ReturnType<typeof createUploader>>;

(serversOf(6) ? describe : describe.skip)('photos of phase 6 under load', () => {
  let shop: LabShop;
  let stage: Stage;
  let uploader: Uploader;
  let table: Table;
  const all: Uploaded[] = [];
  /** Epoch milliseconds at which each photo was first seen ready. */
  const readyAt = new Map<string, number>();

  beforeAll(async () => {
    shop = await openLabShop({ phase: phase6, say });
    stage = await openStage(shop, { products: 300, customers: 100, seed: 19, say });
    uploader = await createUploader(shop, stage);
    const queue = shop.photoQueue();
    const opened = shop.photoTable();
    if (!queue || !opened) throw new Error('Phase 6 has a queue and a table of photos');
    table = opened;
    const client = new SQSClient(localConfig(queue.queueServer));
    const Attributes = { VisibilityTimeout: String(VISIBILITY_S) };
    await client.send(new SetQueueAttributesCommand({ QueueUrl: queue.queue, Attributes }));
    client.destroy();
    all.push(await uploader.upload());
  }, 240_000);
  afterAll(async () => {
    try {
      uploader?.stop();
      table?.close();
      await stage?.close();
    } finally {
      await shop?.close();
    }
  }, 120_000);

  const photos = async (): Promise<Photo[]> => {
    const found: Photo[] = [];
    for await (const item of table.scan()) {
      const photo = photoFrom(item);
      if (photo) found.push(photo);
    }
    return found;
  };
  const look = async () => {
    const { photoCalls } = stage.fixtures.book;
    const known = new Set(photoCalls.calls().map(({ key }) => key));
    const looks = new Map([...known].map((id) => [id, photoCalls.begin('watcher', id, { kind: 'look' })]));
    for (const { id, status } of await photos()) {
      if (status !== 'deleting') looks.get(id)?.({ kind: 'seen', status });
      if (status === 'ready' && !readyAt.has(id)) readyAt.set(id, Date.now());
    }
  };
  const areReady = async (uploads: readonly Uploaded[]) => {
    await look();
    return uploads.every(({ id }) => readyAt.has(id));
  };

  /** Shoppers and uploads, with a fault in the middle, until every photo is ready. */
  async function during(name: string, fault: () => Promise<unknown>) {
    const uploads: Uploaded[] = [];
    let over = false;
    const upload = async () => {
      while (!over) {
        uploads.push(await uploader.upload());
        await sleep(200);
      }
    };
    const uploading = Array.from({ length: UPLOADERS }, upload);
    const watching = (async () => {
      while (!over) {
        await look();
        await sleep(200);
      }
    })();
    let happened = false;
    const kinds: Load['kinds'][] = [];
    const happens = (async () => {
      await sleep(BEFORE_S * 1000);
      await fault();
      await sleep(AFTER_S * 1000);
    })().finally(() => {
      happened = true;
    });
    // In parts, since a fault may last for as long as it needs.
    const shopping = (async () => {
      for (let part = 1; !happened; part++) {
        const arrivals = poisson(() => RATE, RATE, 5, seeded(part));
        kinds.push((await stage.run(MIX, arrivals)).kinds);
      }
    })();
    await Promise.all([happens, shopping]).finally(() => {
      over = true;
    });
    await Promise.all([...uploading, watching]);
    await until(() => areReady(uploads));
    all.push(...uploads);
    const late = uploads.map(({ id, completedAt }) => (readyAt.get(id) ?? 0) - completedAt);
    const told = {
      requests: kinds.reduce((sum, { all: each }) => sum + (each?.requests ?? 0), 0),
      errors: counted(kinds.flatMap((each) => Object.entries(each).flatMap(errorsOf))),
      uploads: uploads.length,
      'told to uploaders': counted(uploads.flatMap(({ notices }) => notices)),
      'late by more than 5 s': late.filter((ms) => ms > LATE_MS).length,
      'the latest, s': Math.round(Math.max(...late) / 1000),
    };
    console.info(`${name}: ${JSON.stringify(told)}`);
    return told;
  }

  const injected = (name: string, meanwhile = async () => {}) => {
    const fault = faultNamed(name);
    if (!fault) throw new Error(`There is no fault ${name}`);
    return async () => {
      const undo = await fault.inject(shop);
      await Promise.all([sleep(fault.seconds * 1000), meanwhile()]).finally(undo);
    };
  };

  /** Photos that a killed worker had. */
  const left = new Set<string>();
  /** Waits until the worker has a photo of its own, and has had several: it surely serves. */
  const workerWorks = async () => {
    const before = readyAt.size;
    await until(() => readyAt.size > before + 2);
    await until(async () => {
      for await (const item of table.scan())
        if (item.status === 'processing' && Number(item.unfinished) > 0 && !left.has(String(item.id)))
          return true;
      return false;
    });
  };

  it('a worker that is killed with a photo, three times: shoppers notice nothing, and nobody is told', async () => {
    const told = await during('kill-photo-worker', async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        await workerWorks();
        await faultNamed('kill-photo-worker')?.inject(shop);
        for await (const item of table.scan())
          if (item.status === 'processing' && Number(item.unfinished) > 0) left.add(String(item.id));
      }
    });
    expect([told.errors, told['told to uploaders']]).toEqual([{}, {}]);
  }, 180_000);

  it('a function that is killed with a batch, three times, beside the worker: the same', async () => {
    const running = startFunction(shop, uploader.origin(), KILLS);
    const told = await during('kill the function', () =>
      until(() => running.killed() >= KILLS && running.batches() > 0),
    );
    await running.stop();
    expect([told.errors, told['told to uploaders']]).toEqual([{}, {}]);
  }, 180_000);

  it('all hosts of inventory, which finish photos, are killed: uploads wait, and go on', async () => {
    const told = await during('kill-inventory', injected('kill-inventory'));
    expect(told.uploads).toBeGreaterThan(0);
  }, 180_000);

  it('a queue that is full refuses uploads before they begin, and says when to ask again', async () => {
    const told = await during('fill-photos', injected('fill-photos'));
    expect(told.errors).toEqual({});
    expect(told['told to uploaders']).toHaveProperty('ask: 503 busy with Retry-After');
    expect(
      Object.keys(told['told to uploaders']).filter((words) => !/^(ask|complete): 503 busy with/.test(words)),
    ).toEqual([]);
  }, 180_000);

  it('without S3, an upload is told to come back while S3 is still away, and shoppers notice nothing', async () => {
    const sent = await uploader.send();
    let answer: Awaited<ReturnType<typeof sent.complete>>;
    const told = await during(
      'freeze-s3',
      // The fault ends after this answer, so S3 had no part in it; the page would have given up after 15 s.
      injected('freeze-s3', async () => {
        const asked = performance.now();
        answer = await sent.complete();
        console.info(`without S3: ${wordsOf(answer)} after ${Math.round(performance.now() - asked)} ms`);
      }),
    );
    expect(wordsOf(answer)).toBe('503 busy with Retry-After');
    expect((await sent.complete())?.status).toBe(202);
    stage.fixtures.book.photo(sent.id);
    all.push({ ...sent, completedAt: Date.now(), notices: [] });
    await until(() => areReady(all));
    expect(told.errors).toEqual({});
  }, 240_000);

  it('after all of that, no photo is lost or doubled, and no row of the shop', async () => {
    const found = await photos();
    const begun = found.filter(({ status }) => status !== 'waiting');
    expect(begun.map(({ id, status }) => `${id} ${status}`).sort()).toEqual(
      all.map(({ id }) => `${id} ready`).sort(),
    );
    const blobs = openS3Blobs(BUCKETS.media, s3Config(uploader.origin()));
    const files: string[] = [];
    for await (const { key } of blobs.list('photos/')) files.push(key);
    const expected = found.flatMap((photo) => photo.sizes.map((size) => renditionKey(photo.id, size)));
    expect(files.sort()).toEqual(expected.sort());

    // A host that was killed with a photo leaves its product's picture to another, ten minutes later.
    const sql = await shop.administer('inventory');
    const isShown = async ({ productId, id, pictureDue }: Photo) => {
      const [row] = await sql.query<{ picture: string | null }>('SELECT picture FROM products WHERE id = ?', [
        productId,
      ]);
      return pictureDue || row?.picture?.includes(id);
    };
    await eventually(async () => {
      const newest = new Map((await photos()).map((photo) => [photo.productId, photo]));
      for (const photo of newest.values()) expect([photo.id, await isShown(photo)]).toEqual([photo.id, true]);
    });
    await sql.close();
    expect(await stage.check()).toEqual([]);
    const due = (await photos()).filter(({ pictureDue }) => pictureDue).length;
    console.info(`in all: ${all.length} photos, ${due} pictures of products due, lost 0, doubled 0`);
  }, 120_000);
});

const errorsOf = ([kind, { errors }]: [string, Load['kinds'][string]]): string[] =>
  kind === 'all'
    ? []
    : Object.entries(errors).flatMap(([error, times]) => Array<string>(times).fill(`${kind}: ${error}`));

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of words) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}
