import { V7Generator } from 'uuidv7';
import { createKnownIds } from '../../../../lambda/inventory/catalog/known-ids';
import { createResponseCache, MISSING } from '../../../../lambda/inventory/catalog/response-cache';
import { createCatalog } from '../../../../lambda/inventory/catalog/service';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { SYSTEM_CLOCKS } from '../../../../lambda/shared/runtime/clocks';
import { RetryLaterError } from '../../../../lambda/shared/runtime/retry-later';
import { insertRows } from '../../../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';
import { ROUNDS } from '../../../support/rounds';
import { type CacheServer, caches } from '../../shared/cache/caches';
import { MUG } from '../shop';
import { type Process, silent, startProcess } from './processes';

const HOUR = 3_600_000;
const PRODUCTS = 50_000;

const generator = new V7Generator();
const idAt = (ms: number): string => generator.generateOrResetWithTs(ms).toString();

const kinds = engines().flatMap((engine) =>
  caches().map((cache) => ({ name: `${engine.name} and ${cache.name}`, engine, cache })),
);

describe.each(kinds)('products in the shared cache, on $name', ({ engine, cache }) => {
  let sql: Sql;
  let server: CacheServer;
  let one: Process;
  let other: Process;
  beforeAll(async () => {
    server = await cache.start();
    sql = await engine.open('copies');
    await migrate(sql, inventoryMigrations);
  });
  beforeEach(async () => {
    [one, other] = [await start(), await start()];
  });
  afterAll(async () => {
    await server?.stop();
    await sql?.close();
  });

  const start = async () => startProcess(sql, await server.open(), SYSTEM_CLOCKS);
  const newProduct = async () => {
    const catalog = createCatalog({ sql, now: Date.now, changed: async () => undefined });
    return (await catalog.create(MUG)).product.id;
  };

  test('are loaded once by all processes, however many ask', async () => {
    const loads: number[] = [];
    // A reader waits for a third of a second for another process. A busy machine may take longer, and not five times.
    while (loads.at(-1) !== 1 && loads.length < 5) {
      const id = await newProduct();
      const processes = await Promise.all([start(), start(), start(), start()]);
      await Promise.all(processes.flatMap((process) => Array.from({ length: 20 }, () => process.read(id))));
      loads.push(processes.reduce((sum, { queries }) => sum + queries, 0));
    }
    expect(loads.at(-1)).toBe(1);
    // Even then, once by each process at most.
    expect(Math.max(...loads)).toBeLessThanOrEqual(4);
  });

  test('show a change in another process when it is answered', async () => {
    const id = await newProduct();
    await one.read(id);
    for (let n = 1; n <= 5; n++) {
      await one.receive(id);
      // One without copies of its own yet.
      const reader = await start();
      expect([await reader.read(id), reader.queries]).toEqual([n, 0]);
    }
  });

  test('keep the newer of two versions, whichever comes last', async () => {
    const id = await newProduct();
    const opened: (() => void)[] = [];
    const held = (process: Process) => {
      process.gate = new Promise<void>((resolve) => opened.push(resolve));
    };
    const [slow, late] = [one, other];
    held(slow);
    // It has read the row from before the change.
    const before = slow.read(id);
    while (slow.queries === 0) await new Promise(setImmediate);
    await late.receive(id);
    for (const open of opened) open();
    // Overtaken: it shows the newer one, too.
    expect(await before).toBe(1);
    const reader = await start();
    expect([await reader.read(id), reader.queries]).toEqual([1, 0]);
  });

  test('of two writers at once show the last state', async () => {
    const id = await newProduct();
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).receive(id)));
    const reader = await start();
    expect([await reader.read(id), reader.queries]).toEqual([20, 0]);
  });

  test('are repaired after a process ended between its commit and the cache', async () => {
    const id = await newProduct();
    await one.read(id);
    await one.relay();
    await one.receiveAndDie(id);
    // The lock of the first repair ends after a second.
    for (let reader = await start(); (await reader.read(id)) !== 1; reader = await start())
      await other.relay();
  });

  test('leave requests alone while they cannot be reached, and are right afterwards', async () => {
    const id = await newProduct();
    await one.read(id);
    other.cut = true;
    await other.receive(id);
    expect(await other.read(id)).toBe(1);
    const reader = await start();
    await reader.responses.product(id, true);
    expect(await (await start()).read(id)).toBe(1);
  });

  test('are found at once when they are new and nobody could be told', async () => {
    one.cut = true;
    const known = createKnownIds(sql);
    await known.learn(new AbortController().signal);
    const reader = createResponseCache({
      sql,
      cache: await server.open(),
      knownIds: known,
      log: silent,
      now: Date.now,
    });
    const id = await newProduct();
    expect(await reader.product(id)).toMatchObject({ headers: { ETag: '"1"' } });
  });

  test('that do not exist are remembered for all processes', async () => {
    const id = idAt(Date.now());
    expect([await one.read(id), await other.read(id)]).toEqual([MISSING, MISSING]);
    expect([one.queries, other.queries]).toEqual([1, 0]);
  });

  test('have the tag of the response, and its bytes', async () => {
    const id = await newProduct();
    const loaded = await one.responses.product(id);
    expect(await other.responses.product(id)).toEqual(loaded);
    expect(other.queries).toBe(0);
    const list = await one.responses.list({ limit: 5 });
    expect(await other.responses.list({ limit: 5 })).toEqual(list);
    expect(await other.responses.categories()).toEqual(await one.responses.categories());
  });
});

/** A closing run asks for 100,000. */
const FORGED = 20_000 * Math.min(5, ROUNDS);

describe.each(engines().slice(0, 1))(`${FORGED} forged ids on $name`, (engine) => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await engine.open('forged');
    await migrate(sql, inventoryMigrations);
    const ids = Array.from({ length: PRODUCTS }, (_, n) => idAt(Date.now() - 2 * HOUR + n));
    await sql.transaction((tx) =>
      insertRows(
        tx,
        'stock (product_id, on_hand, reserved)',
        ids.map((id) => [id, 0, 0]),
      ),
    );
  });

  test.each([
    ['old, with a shared cache', -HOUR, true],
    ['old, without one', -HOUR, false],
    ['of now, with a shared cache', 0, true],
    ['of now, without one', 0, false],
    ['of the future', HOUR, true],
  ])('%s: a few hundred statements, and nobody is told wrong', async (_, ahead, shared) => {
    let queries = 0;
    const query: Sql['query'] = (statement, values) => {
      queries += 1;
      return sql.query(statement, values);
    };
    const counted = { ...sql, query };
    const knownIds = createKnownIds(counted);
    await knownIds.learn(new AbortController().signal);
    // A walk of a thousand ids a statement, and afterwards of the new ones.
    expect(queries).toBe(PRODUCTS / 1000 + 1);
    queries = 0;
    const cache = shared ? createMemoryCache() : undefined;
    const responses = createResponseCache({ sql: counted, cache, knownIds, log: silent, now: Date.now });
    const began = performance.now();
    let refused = 0;
    for (let batch = 0; batch < FORGED / 100; batch++) {
      const ids = Array.from({ length: 100 }, () => idAt(Date.now() + ahead));
      const answers = await Promise.all(
        ids.map((id) => responses.product(id).catch((error: unknown) => error)),
      );
      const others = answers.filter((answer) => answer !== MISSING);
      refused += others.length;
      if (others.some((answer) => !(answer instanceof RetryLaterError))) throw others[0];
    }
    const seconds = (performance.now() - began) / 1000;
    if (ahead !== 0) expect(refused).toBe(0);
    // Of old ones a few look known. Of new ones: at once, each second, and those under way when the budget ended.
    expect(queries).toBeLessThan(ahead < 0 ? 200 : 100 + 20 * seconds + 10);
  });
});
