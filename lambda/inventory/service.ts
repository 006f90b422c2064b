import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Blobs } from '../shared/blobs/blobs';
import { type Cache, CacheUnavailableError } from '../shared/cache/cache';
import { REPAIR } from '../shared/cache/cache-policy';
import type { FastPath } from '../shared/http/fast-path';
import type { FreshReads } from '../shared/http/fresh-reads';
import type { Identify } from '../shared/http/identity';
import { pathOf } from '../shared/http/path';
import type { Fetch } from '../shared/http/serve';
import { startPeriodicTask } from '../shared/jobs/periodic-task';
import type { Logger } from '../shared/runtime/log';
import { sparseWarnings } from '../shared/runtime/sparse-log';
import { inBatches } from '../shared/sql/batches';
import type { Sql } from '../shared/sql/sql';
import { inventoryApi } from './api';
import { createChangeRelay } from './catalog/change-relay';
import { createKnownIds } from './catalog/known-ids';
import { productFastPath } from './catalog/product-fast-path';
import { createResponseCache, sharedKey } from './catalog/response-cache';
import { type Catalog, createCatalog } from './catalog/service';
import { createWriteThrough } from './catalog/write-through';
import { createKeys } from './idempotency';
import { createNewRows, PARTS } from './month-tables';
import type { CreatePhotoWorker } from './photos/photo-job';
import type { PhotoQueue } from './photos/photo-queue';
import { createPhotoPipeline } from './photos/pipeline';
import type { NamesOf } from './reservations/order-routes';
import { createReservations } from './reservations/service';
import { createStock, type StockService } from './stock/service';

const SWEEP_EVERY_MS = 5000;
/** The first time too; it decides by itself when it is due. */
const LEARN_EVERY_MS = 1000;
const REPORT_EVERY_MS = 60_000;
const HOLD_MS = 15 * 60 * 1000;

export interface InventoryOptions {
  /** The inventory schema, migrated. */
  readonly sql: Sql;
  readonly identify: Identify;
  /** Names of users, for staff. Default: none is known. */
  readonly namesOf?: NamesOf;
  /** The store of the photos. */
  readonly blobs: Blobs;
  readonly createPhotoWorker: CreatePhotoWorker;
  /** Default: photos in SQL, rendered by this process. */
  readonly photoQueue?: PhotoQueue | undefined;
  readonly log: Logger;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Shared with the other processes of the service. Default: none. */
  readonly cache?: Cache | undefined;
  /** Duration of a reservation. Default 15 minutes. */
  readonly holdMs?: number;
  /** True if concurrent reservations share transactions. Default true; false to measure the difference. */
  readonly coalesced?: boolean;
  /** Decides by the cookie `wrote` which reads may be fresh. Default: none. */
  readonly mayReadFresh?: FreshReads['pay'];
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
}

export interface Inventory {
  /** The API, and photos for hosts without a CDN or web server that serves them. */
  readonly fetch: Fetch;
  /** Answers products from memory as `fetch` does. */
  readonly fastPath: FastPath | undefined;
  readonly app: OpenAPIHono;
  readonly catalog: Catalog;
  readonly stock: StockService;
  /** Rejects while the database does not answer. */
  ready(): Promise<void>;
  /** Releases the user's reservations and removes the user's id from all rows. Idempotent. */
  forgetUser(userId: string): Promise<void>;
  /** Ends expired reservations and returns their number. Safe to run in several processes. */
  sweep(): Promise<number>;
  /** Does once what `background` does beside writes: for functions, which have no background. */
  duties(): Promise<void>;
  /**
   * Does what is due beside requests, by the role of the process: sweeps, photos and the repair of the cache beside
   * writes, what reading needs beside reads. Returns the stop function, which awaits the last sweep.
   */
  background(role?: Role): () => Promise<void>;
}

export type Role = 'all' | 'write' | 'read';

export function createInventory(options: InventoryOptions): Inventory {
  const {
    sql,
    identify,
    namesOf = async () => ({}),
    blobs,
    createPhotoWorker,
    photoQueue,
    log,
    allowedOrigins,
    cache,
    holdMs = HOLD_MS,
    coalesced = true,
    mayReadFresh = () => false,
    now = Date.now,
  } = options;
  // The times in ids are not those of `now`.
  const knownIds = createKnownIds(sql);
  const responseCache = createResponseCache({ sql, cache, knownIds, log, now });
  const writeThrough = cache && createWriteThrough((id) => responseCache.product(id, true), log);
  const changed = async (productIds: readonly string[]) => {
    for (const id of productIds) responseCache.dropStock(id);
    await writeThrough?.(productIds);
  };
  const keys = createKeys(sql, now);
  const newRows = createNewRows(sql, now);
  const catalog = createCatalog({
    sql,
    now,
    changed: async (id) => {
      knownIds.add(id);
      responseCache.dropProduct(id);
      await writeThrough?.([id]);
    },
  });
  const stock = createStock({ sql, now, keys, newRows, changed });
  const reservations = createReservations({ sql, now, newRows, holdMs, coalesced, changed });

  const pipeline = createPhotoPipeline({
    sql,
    blobs,
    log,
    now,
    createWorker: createPhotoWorker,
    queue: photoQueue,
    setPicture: catalog.setPicture,
  });

  const sweep = async () => {
    const ended = await reservations.expireDue();
    while ((await keys.sweep()) > 0);
    return ended;
  };

  const besideReads = () => {
    const stopping = new AbortController();
    const stops = [startPeriodicTask(() => knownIds.learn(stopping.signal), log, LEARN_EVERY_MS)];
    const report = async () => log.info(responseCache.stats(), 'products in the shared cache');
    if (cache) stops.push(startPeriodicTask(report, log, REPORT_EVERY_MS));
    return [...stops, async () => stopping.abort()];
  };

  const relay = cache && createChangeRelay({ sql, cache, keyOf: sharedKey, now });
  const warn = sparseWarnings(log, 'the shared cache could not be repaired');
  const repair = async () => {
    await relay?.().catch((error: unknown) => {
      if (!(error instanceof CacheUnavailableError)) throw error;
      warn(error);
    });
  };

  const besideWrites = () => {
    const stops = [startPeriodicTask(sweep, log, SWEEP_EVERY_MS), pipeline.background()];
    return relay ? [...stops, startPeriodicTask(repair, log, REPAIR.everyMs)] : stops;
  };

  const ready = async () => {
    await sql.query('SELECT product_id FROM stock LIMIT 1');
  };

  const app = inventoryApi({
    ready,
    identify,
    namesOf,
    log,
    now,
    allowedOrigins,
    responseCache,
    mayReadFresh,
    catalog,
    stock,
    reservations,
    photos: pipeline.photos,
  });

  return {
    app,
    // With other origins, answers have headers of their own.
    fastPath: allowedOrigins?.length ? undefined : productFastPath(responseCache),
    fetch: (request, bindings) =>
      (isFile(pathOf(request.url)) ? pipeline.files : app).fetch(request, bindings),
    catalog,
    stock,
    ready,
    sweep,
    duties: async () => {
      await sweep();
      await repair();
      await pipeline.move();
      await pipeline.sweep();
      await pipeline.idle();
    },
    background: (role = 'all') => {
      const stops = [...(role === 'write' ? [] : besideReads()), ...(role === 'read' ? [] : besideWrites())];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
    forgetUser: async (userId) => {
      await reservations.releaseAllOf(userId);
      const own = { key: 'id', where: 'user_id = ?', values: [userId] };
      for (const rows of ['reservations', 'ledger']) {
        for (const part of PARTS) {
          const index = `${part === '' ? '' : 'monthly_'}${rows}_by_user`;
          const table = `${part}${rows}`;
          await inBatches(sql, `UPDATE ${table} SET user_id = NULL`, { ...own, table, index });
        }
      }
      const keysOfUser = { ...own, table: 'idempotency', index: 'idempotency_by_user' };
      await inBatches(sql, 'DELETE FROM idempotency', keysOfUser);
      await sql.execute('DELETE FROM holders WHERE user_id = ?', [userId]);
    },
  };
}

/** Photos, and uploads to a disk store: outside the API, which limits bodies to a small size. */
const isFile = (path: string) => path.startsWith('/media/') || path.startsWith('/blobs/');
