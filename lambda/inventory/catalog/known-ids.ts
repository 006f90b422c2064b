import { setTimeout as sleep } from 'node:timers/promises';
import { createBloomFilter } from '../../shared/cache/bloom-filter';
import { type Clocks, SYSTEM_CLOCKS } from '../../shared/runtime/clocks';
import { forceIndex, limit, type Sql } from '../../shared/sql/sql';
import { TooManyUnknownIdsError } from './errors';

/**
 * Longer than a product is stored after its id was made: five seconds until the commit, ten for the commit, and the rest
 * for a replica that lags and for clocks that differ (decision 0113).
 */
const HORIZON_LAG_MS = 30_000;
/** Walked again each time: a product that was missed, as by a clock that was wrong for a while, is found by the next walk. */
const OVERLAP_MS = 3_600_000;
/** No clock of the shop is so far ahead of another. */
const MOST_AHEAD_MS = 60_000;

const PAGE = 1000;
/** Between two pages, so that a walk takes a small part of the database. */
const PAUSE_MS = 5;
const INTERVAL_MS = 60_000;
const RETRY_INTERVAL_MS = 5000;

/** Loads that find nothing, of all clients of a process. */
const BUDGET = { burst: 100, refillMs: 50 };

export interface KnownIds {
  /** True if no product has this id, as long as clocks are right; false if one may have it. */
  isAbsent(id: string): boolean;
  /** Before an id is loaded. @throws TooManyUnknownIdsError while too many loads of unknown ids found nothing */
  assertMayLoad(id: string): void;
  /** After a load that found nothing. */
  foundNothing(): void;
  /** The id is a product's. */
  add(id: string): void;
  /** Learns the ids of the last hour and those made since the last time, at first all of them, if a minute is over. */
  learn(signal: AbortSignal): Promise<void>;
}

/**
 * Tells ids of products from others without the database, which a Bloom filter can for all that are older than its
 * horizon: ids begin with the time at which they were made. Newer ones may be forged or true, and share a budget.
 */
export function createKnownIds(sql: Sql, { now, ticks }: Clocks = SYSTEM_CLOCKS): KnownIds {
  const filter = createBloomFilter();
  /** Every product made before, as the clock was at these ticks, is in the filter. */
  let learned = { until: 0, ticks: 0 };
  let wholeAt = Number.NEGATIVE_INFINITY;
  let due = Number.NEGATIVE_INFINITY;

  /** The end of the last walk. If the clock went back since, it was ahead: the walk came less far than it seemed. */
  const horizon = () =>
    Math.max(0, Math.min(learned.until, now() - (ticks() - learned.ticks) - HORIZON_LAG_MS));
  const mayBeNew = (id: string) => id >= firstIdOf(horizon()) && id <= firstIdOf(now() + MOST_AHEAD_MS);

  return {
    isAbsent: (id) => !mayBeNew(id) && !filter.has(id),
    assertMayLoad: (id) => {
      if (wholeAt - ticks() < BUDGET.burst * BUDGET.refillMs || filter.has(id)) return;
      throw new TooManyUnknownIdsError();
    },
    foundNothing: () => {
      wholeAt = Math.max(wholeAt, ticks()) + BUDGET.refillMs;
    },
    add: filter.add,
    learn: async (signal) => {
      if (ticks() < due) return;
      due = ticks() + RETRY_INTERVAL_MS;
      // A replica shows what was there a while ago.
      const next = { until: now() - (sql.stalenessMs?.() ?? 0) - HORIZON_LAG_MS, ticks: ticks() };
      const end = firstIdOf(next.until);
      for (let after = firstIdOf(Math.max(0, horizon() - OVERLAP_MS)); ; ) {
        const ids = await idsBetween(sql, after, end);
        for (const id of ids) filter.add(id);
        if (ids.length < PAGE) break;
        after = ids.at(-1) ?? after;
        await sleep(PAUSE_MS, undefined, { ref: false });
        if (signal.aborted) return;
      }
      learned = next;
      due = ticks() + INTERVAL_MS;
    },
  };
}

/** Sorts before every UUIDv7 of this millisecond, and after those of the one before. */
function firstIdOf(ms: number): string {
  const hex = Math.trunc(ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** From `stock`, whose rows are small; each product has one. */
async function idsBetween({ query }: Sql, after: string, before: string): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT product_id AS id FROM stock ${forceIndex('PRIMARY')}
     WHERE product_id > ? AND product_id < ? ORDER BY product_id ${limit(PAGE)}`,
    [after, before],
  );
  return rows.map(({ id }) => id);
}
