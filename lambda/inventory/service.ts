import type { OpenAPIHono } from '@hono/zod-openapi';
import { createPhotoService } from '../photos/service';
import type { Blobs } from '../shared/blobs';
import type { Identify } from '../shared/identity';
import type { Logger } from '../shared/log';
import { pathOf } from '../shared/path';
import { repeatedly } from '../shared/repeatedly';
import type { Fetch } from '../shared/serve';
import type { Sql } from '../shared/sql';
import { inventoryApi } from './api';
import { type Catalog, createCatalog } from './catalog';
import { createKeys } from './idempotency';
import { createReadyAnswers } from './ready';
import { createReserving } from './reserving';
import { createSettling } from './settling';
import { createStockKeeping, type StockKeeping } from './stock';

const SWEEP_EVERY_MS = 5000;
const HOLD_MS = 15 * 60 * 1000;

export interface InventoryDeps {
  /** The inventory schema, migrated. */
  readonly sql: Sql;
  readonly identify: Identify;
  /** Where photos are. */
  readonly blobs: Blobs;
  readonly log: Logger;
  /** How long a reservation holds stock. Default 15 minutes. */
  readonly holdMs?: number;
  /** Whether reservations that come at the same time share transactions. Default true; false to measure the difference. */
  readonly coalesced?: boolean;
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
}

export interface Inventory {
  /** The API, and photos for hosts without a CDN or web server that serves them. */
  readonly fetch: Fetch;
  readonly app: OpenAPIHono;
  readonly catalog: Catalog;
  readonly stock: StockKeeping;
  /** Throws when the database does not answer. */
  ready(): Promise<void>;
  /** Releases what a user holds and removes the user's id from everything. Repeating it is fine. */
  forgetUser(userId: string): Promise<void>;
  /** Gives back the stock of what expired and returns how many reservations that ended. Several processes may at once. */
  sweep(): Promise<number>;
  /** Sweeps every few seconds and processes photos, until the function it returns is called; that resolves when the last sweep is over. */
  background(): () => Promise<void>;
}

export function createInventory(deps: InventoryDeps): Inventory {
  const { sql, identify, blobs, log, holdMs = HOLD_MS, coalesced = true, now = Date.now } = deps;
  const readyAnswers = createReadyAnswers(sql);
  const changed = readyAnswers.dropStock;
  const keys = createKeys(sql, now);
  const catalog = createCatalog({ sql, now, changed: readyAnswers.dropProduct });
  const stock = createStockKeeping({ sql, now, keys, changed });
  const reserve = createReserving({ sql, now, holdMs, coalesced, changed });
  const settling = createSettling({ sql, now, changed });

  const photoService = createPhotoService({
    sql,
    blobs,
    log,
    now,
    setPicture: async (id, picture) => {
      await catalog.edit(id, () => true, { picture });
    },
  });

  const sweep = async () => {
    const ended = await settling.expireDue();
    while ((await keys.sweep()) > 0);
    return ended;
  };

  const ready = async () => {
    await sql.query('SELECT product_id FROM stock LIMIT 1');
  };

  const app = inventoryApi({
    sql,
    ready,
    identify,
    log,
    now,
    readyAnswers,
    catalog,
    stock,
    reserve,
    settling,
    photos: photoService.photos,
  });

  return {
    app,
    fetch: (request, bindings) =>
      (isFile(pathOf(request.url)) ? photoService.files : app).fetch(request, bindings),
    catalog,
    stock,
    ready,
    sweep,
    background: () => {
      const stops = [repeatedly(sweep, log, SWEEP_EVERY_MS), photoService.background()];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
    forgetUser: async (userId) => {
      await settling.releaseAllOf(userId);
      await sql.transaction(async ({ execute }) => {
        await execute('UPDATE reservations SET user_id = NULL WHERE user_id = ?', [userId]);
        await execute('UPDATE ledger SET user_id = NULL WHERE user_id = ?', [userId]);
        await execute('DELETE FROM idempotency WHERE user_id = ?', [userId]);
      });
    },
  };
}

/** Photos, and uploads where the store is a disk: outside the API, whose bodies are small. */
const isFile = (path: string) => path.startsWith('/media/') || path.startsWith('/blobs/');
