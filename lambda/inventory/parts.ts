import { type Cache, CacheUnavailableError } from '../shared/cache/cache';
import { REPAIR } from '../shared/cache/cache-policy';
import { startPeriodicTask } from '../shared/jobs/periodic-task';
import type { Logger } from '../shared/runtime/log';
import { sparseWarnings } from '../shared/runtime/sparse-log';
import type { Sql } from '../shared/sql/sql';
import { createChangeRelay } from './catalog/change-relay';
import { createKnownIds } from './catalog/known-ids';
import { createResponseCache, sharedKey } from './catalog/response-cache';
import { createCatalog } from './catalog/service';
import { createWriteThrough } from './catalog/write-through';
import { createKeys } from './idempotency';
import { createNewRows } from './month-tables';
import { createReservations } from './reservations/service';
import { createStock } from './stock/service';

const SWEEP_EVERY_MS = 5000;
/** The first time too; it decides by itself when it is due. */
const LEARN_EVERY_MS = 1000;
const REPORT_EVERY_MS = 60_000;

export interface PartsOptions {
  /** The inventory schema, migrated. */
  readonly sql: Sql;
  readonly log: Logger;
  /** Shared with the other processes of the service. Default: none. */
  readonly cache?: Cache | undefined;
  /** Duration of a reservation. */
  readonly holdMs: number;
  /** True if concurrent reservations share transactions. */
  readonly coalesced: boolean;
  /** The most copies of a kind in this process. Default: as CACHE_POLICY says. */
  readonly copies?: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export type Parts = ReturnType<typeof createParts>;

/** The parts of the inventory service that keep stock, and what they need of each other: all of it without routes. */
export function createParts({ sql, log, cache, holdMs, coalesced, copies, now }: PartsOptions) {
  // The times in ids are not those of `now`.
  const knownIds = createKnownIds(sql);
  const responseCache = createResponseCache({ sql, cache, knownIds, log, now, copies });
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

  const sweep = async () => {
    const ended = await reservations.expireDue();
    while ((await keys.sweep()) > 0);
    return ended;
  };

  const relay = cache && createChangeRelay({ sql, cache, keyOf: sharedKey, now });
  const warn = sparseWarnings(log, 'the shared cache could not be repaired');
  const repair = async () => {
    await relay?.().catch((error: unknown) => {
      if (!(error instanceof CacheUnavailableError)) throw error;
      warn(error);
    });
  };

  return {
    responseCache,
    catalog,
    stock,
    reservations,
    /** Ends expired reservations and returns their number. Safe to run in several processes. */
    sweep,
    /** Removes from the shared cache what changed and was not written through. */
    repair,
    /** Starts what reading needs. Returns the functions that stop it. */
    besideReads: () => {
      const stopping = new AbortController();
      const stops = [startPeriodicTask(() => knownIds.learn(stopping.signal), log, LEARN_EVERY_MS)];
      const report = async () => log.info(responseCache.stats(), 'products in the shared cache');
      if (cache) stops.push(startPeriodicTask(report, log, REPORT_EVERY_MS));
      return [...stops, async () => stopping.abort()];
    },
    /** Starts what is due beside writes, in any number of processes. Returns the functions that stop it. */
    besideWrites: () => {
      const stops = [startPeriodicTask(sweep, log, SWEEP_EVERY_MS)];
      return relay ? [...stops, startPeriodicTask(repair, log, REPAIR.everyMs)] : stops;
    },
  };
}
