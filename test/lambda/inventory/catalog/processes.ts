import { pino } from 'pino';
import type { CachedResponse } from '../../../../lambda/inventory/catalog/cached-response';
import { createChangeRelay } from '../../../../lambda/inventory/catalog/change-relay';
import { createKnownIds } from '../../../../lambda/inventory/catalog/known-ids';
import {
  createResponseCache,
  MISSING,
  type ResponseCache,
  sharedKey,
} from '../../../../lambda/inventory/catalog/response-cache';
import { REVISED } from '../../../../lambda/inventory/stock/repository';
import { type Cache, CacheUnavailableError } from '../../../../lambda/shared/cache/cache';
import type { Clocks } from '../../../../lambda/shared/runtime/clocks';
import type { Sql } from '../../../../lambda/shared/sql/sql';

/** A process of the service, as far as the cache knows it, with faults to switch on. */
export interface Process {
  readonly responses: ResponseCache;
  /** True while it does not reach the cache. */
  cut: boolean;
  /** Queries that were sent. */
  queries: number;
  /** Answers of the database wait for it. */
  gate: Promise<unknown>;
  /** The units that a reader is shown, or that there is no such product. */
  read(id: string): Promise<number | typeof MISSING>;
  /** Receives a unit, with a time stamp, and ends without a word when that is committed. */
  receiveAndDie(id: string, stamp?: number): Promise<void>;
  /** Receives a unit and brings it to the others. */
  receive(id: string): Promise<void>;
  /** One repair; an unreachable cache is no error here. */
  relay(): Promise<void>;
}

export const silent = pino({ level: 'silent' });

export function startProcess(database: Sql, shared: Cache, clocks: Clocks): Process {
  const { now, ticks } = clocks;
  const unlessCut =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer> =>
      self.cut ? Promise.reject(new CacheUnavailableError('cut')) : call(...args);
  const cache: Cache = {
    get: unlessCut(shared.get),
    put: unlessCut(shared.put),
    expire: unlessCut(shared.expire),
    lock: unlessCut(shared.lock),
    unlock: unlessCut(shared.unlock),
    close: shared.close,
  };
  const query: Sql['query'] = async (statement, values) => {
    self.queries += 1;
    const rows = await database.query(statement, values);
    await self.gate;
    return rows as never;
  };
  const sql = { ...database, query };
  const knownIds = createKnownIds(sql, clocks);
  const responses = createResponseCache({ sql, cache, knownIds, log: silent, now, ticks });
  const relay = createChangeRelay({ sql, cache, keyOf: sharedKey, now });

  const receiveAndDie = async (id: string, stamp = now()) => {
    const receive = `UPDATE stock SET on_hand = on_hand + 1, ${REVISED} WHERE product_id = ?`;
    await database.execute(receive, [stamp, id]);
  };
  const self: Process = {
    responses,
    cut: false,
    queries: 0,
    gate: Promise.resolve(),
    read: async (id) => availableIn(await responses.product(id)),
    receiveAndDie,
    receive: async (id) => {
      await receiveAndDie(id);
      responses.dropStock(id);
      await responses.product(id, true);
    },
    relay: () =>
      relay().catch((error: unknown) => {
        if (!(error instanceof CacheUnavailableError)) throw error;
      }),
  };
  return self;
}

export const availableIn = (answer: CachedResponse | typeof MISSING) =>
  answer === MISSING ? MISSING : (JSON.parse(answer.body) as { available: number }).available;
