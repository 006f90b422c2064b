import type { Cache } from '../../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../../lambda/shared/cache/memory-cache';
import { createLog } from '../../../lambda/shared/runtime/log';
import { insertRows } from '../../../lambda/shared/sql/bulk-sql';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { engines } from '../../support/engines';
import { until } from '../../support/until';
import { openShop } from './shop';

const MINUTE = 60_000;
const MINUTES = 5;
const WALK = /SELECT product_id AS id FROM stock .*product_id > \?/s;

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const sqlite = () => {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  return engine;
};

/** The number of times a minute that a process does each of its duties, by the statements and lines that only this duty has. */
async function duties(role: 'read' | 'write'): Promise<Record<string, number>> {
  const engine = sqlite();
  const asked: string[] = [];
  const counted = (sql: Sql): Sql => ({
    ...sql,
    query: (statement, values) => {
      asked.push(statement);
      return sql.query(statement, values);
    },
  });
  const { sql } = await openShop(engine);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  const log = createLog({ write: (line: string) => void asked.push(line) });
  // Without the jitter between processes.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const memory = createMemoryCache();
  const cache: Cache = {
    ...memory,
    lock: (key, ms) => {
      asked.push(`lock ${key}`);
      return memory.lock(key, ms);
    },
  };
  const shop = await openShop(engine, { sql: counted(sql), log, cache, now: Date.now });
  asked.length = 0;
  const stop = shop.background(role);
  for (let second = 0; second < MINUTES * 60; second++) await jest.advanceTimersByTimeAsync(1000);
  await stop();
  const seen = asked.length;
  await jest.advanceTimersByTimeAsync(5 * MINUTE);
  expect(asked).toHaveLength(seen);
  const times = (words: RegExp) => asked.filter((one) => words.test(one)).length / MINUTES;
  return {
    'ends reservations whose time is over': times(/status = 'held' AND \S*expires_at <=/),
    'forgets keys': times(/FROM idempotency WHERE expires_at <=/),
    'finishes photos': times(/FROM photos WHERE due_at <=/),
    'repairs the shared cache': times(/lock catalog:relay/),
    'walks the ids of products': times(WALK),
    'reports on the cache': times(/products in the shared cache/),
  };
}

test('a process that writes sweeps each five seconds, repairs each second, and finishes photos each minute', async () => {
  expect(await duties('write')).toEqual({
    'ends reservations whose time is over': 12,
    'forgets keys': 12,
    'finishes photos': 1,
    'repairs the shared cache': 60,
    'walks the ids of products': 0,
    'reports on the cache': 0,
  });
});

test('a process that reads walks the ids and reports on the cache each minute, and writes nothing', async () => {
  expect(await duties('read')).toEqual({
    'ends reservations whose time is over': 0,
    'forgets keys': 0,
    'finishes photos': 0,
    'repairs the shared cache': 0,
    'walks the ids of products': 1,
    'reports on the cache': 1,
  });
});

test('a process that stops within a walk over many ids asks for no further page', async () => {
  const engine = sqlite();
  const { sql } = await openShop(engine);
  let pages = 0;
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const query: Sql['query'] = async (statement, values) => {
    const rows = await sql.query(statement, values);
    if (WALK.test(statement)) {
      pages += 1;
      await held;
    }
    return rows as never;
  };
  const shop = await openShop(engine, { sql: { ...sql, query } });
  const ids = Array.from(
    { length: 2500 },
    (_, n) => `0198${String(n).padStart(4, '0')}-0000-7000-8000-000000000000`,
  );
  await insertRows(
    sql,
    'stock (product_id, on_hand, reserved)',
    ids.map((id) => [id, 0, 0]),
  );
  const stop = shop.background('read');
  await until(() => pages === 1);
  const stopped = stop();
  goOn();
  await stopped;
  expect(pages).toBe(1);
});
