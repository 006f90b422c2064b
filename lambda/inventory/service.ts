import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Blobs } from '../shared/blobs/blobs';
import type { Cache } from '../shared/cache/cache';
import type { FastPath } from '../shared/http/fast-path';
import type { FreshReads } from '../shared/http/fresh-reads';
import type { Identify } from '../shared/http/identity';
import { pathOf } from '../shared/http/path';
import type { Fetch } from '../shared/http/serve';
import type { Logger } from '../shared/runtime/log';
import { inBatches } from '../shared/sql/batches';
import type { Sql } from '../shared/sql/sql';
import { inventoryApi } from './api';
import { productFastPath } from './catalog/product-fast-path';
import type { Catalog } from './catalog/service';
import { PARTS } from './month-tables';
import { createParts } from './parts';
import type { CreatePhotoWorker } from './photos/photo-job';
import type { PhotoQueue } from './photos/photo-queue';
import { createPhotoPipeline } from './photos/pipeline';
import type { NamesOf } from './reservations/order-routes';
import type { StockService } from './stock/service';

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
  const parts = createParts({ sql, log, cache, holdMs, coalesced, now });
  const { catalog, stock, reservations, responseCache, sweep } = parts;

  const pipeline = createPhotoPipeline({
    sql,
    blobs,
    log,
    now,
    createWorker: createPhotoWorker,
    queue: photoQueue,
    setPicture: catalog.setPicture,
  });

  const besideWrites = () => [...parts.besideWrites(), pipeline.background()];

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
      await parts.repair();
      await pipeline.move();
      await pipeline.sweep();
      await pipeline.idle();
    },
    background: (role = 'all') => {
      const stops = [
        ...(role === 'write' ? [] : parts.besideReads()),
        ...(role === 'read' ? [] : besideWrites()),
      ];
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
