import { pino } from 'pino';
import type { CachedResponse } from '../../../../lambda/inventory/catalog/cached-response';
import { TooManyUnknownIdsError } from '../../../../lambda/inventory/catalog/errors';
import { createKnownIds } from '../../../../lambda/inventory/catalog/known-ids';
import {
  createResponseCache,
  MISSING,
  type ResponseCache,
} from '../../../../lambda/inventory/catalog/response-cache';
import type { Cache } from '../../../../lambda/shared/cache/cache';
import { CACHE_POLICY } from '../../../../lambda/shared/cache/cache-policy';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';
import { until } from '../../../support/until';
import { customer, json, openShop, type Shop } from '../shop';

/** The same schema, with a count of its queries; a test can hold their answers back. */
function observed(sql: Sql) {
  const state = { queries: 0, read: 0, gate: Promise.resolve() };
  const query: Sql['query'] = async (statement, values) => {
    state.queries++;
    const rows = await sql.query(statement, values);
    state.read++;
    await state.gate;
    return rows as never;
  };
  return Object.assign(state, { sql: { ...sql, query } });
}

const opened = (sql: Sql, cache?: Cache) =>
  createResponseCache({
    ...{ sql, cache, knownIds: createKnownIds(sql) },
    ...{ log: pino({ level: 'silent' }), now: Date.now },
  });

const NOBODY = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';

describe.each(engines())('ready answers on $name', (engine) => {
  let shop: Shop;
  let now = 0;
  beforeAll(async () => {
    shop = await openShop(engine);
  });
  // Copies grow old when a test says so, and not because the machine is busy.
  beforeEach(() => {
    now = performance.now();
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());

  test('load a product once, however many ask at the same time, and serve it from memory then', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    await Promise.all(Array.from({ length: 200 }, () => answers.product(id)));
    await answers.product(id);
    expect(database.queries).toBe(1);
  });

  test('load a list once for equal questions', async () => {
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    await Promise.all(Array.from({ length: 50 }, () => answers.list({ category: 'kitchen', limit: 5 })));
    await answers.list({ limit: 5, q: undefined, category: 'kitchen' });
    await Promise.all([answers.categories(), answers.categories()]);
    expect(database.queries).toBe(2);
  });

  test('load after the request of clients that just wrote, once for all of them, and keep the result', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    let open: () => void = () => undefined;
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    // In progress, with the rows from before the change.
    const before = answers.product(id);
    await until(() => database.queries > 0);
    await shop.sql.execute('UPDATE stock SET on_hand = 77 WHERE product_id = ?', [id]);
    const fresh = Promise.all(Array.from({ length: 50 }, () => answers.product(id, true)));
    open();
    const bodies = (await fresh).map((answer) => (answer as CachedResponse).body);
    expect(bodies.every((body) => body.includes('"available":77'))).toBe(true);
    expect((await before) as CachedResponse).toMatchObject({
      body: expect.stringContaining('"available":0'),
    });
    // The one before, and at most two for all fifty.
    expect(database.queries).toBeLessThanOrEqual(3);
    const { queries } = database;
    expect(((await answers.product(id)) as CachedResponse).body).toContain('"available":77');
    expect(database.queries).toBe(queries);
  });

  test('remember that an id does not exist, until it does', async () => {
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    expect(await answers.product(NOBODY)).toBe(MISSING);
    expect(await answers.product(NOBODY)).toBe(MISSING);
    expect(database.queries).toBe(1);
    answers.dropProduct(NOBODY);
    await answers.product(NOBODY);
    expect(database.queries).toBe(2);
  });

  test('of a product in the shared cache are given to who just wrote, also while forged ids use up the budget', async () => {
    const id = await shop.add();
    const cache = createMemoryCache();
    const log = pino({ level: 'silent' });
    const common = { sql: shop.sql, cache, log, now: Date.now };
    const other = createResponseCache({ ...common, knownIds: createKnownIds(shop.sql) });
    const knownIds = createKnownIds(shop.sql);
    const attacked = createResponseCache({ ...common, knownIds });
    for (let n = 0; n < 200; n++) knownIds.foundNothing();
    await expect(attacked.product(id, true)).rejects.toThrow(TooManyUnknownIdsError);
    await other.product(id);
    expect(await attacked.product(id, true)).not.toBe(MISSING);
    // From now on it is known, and loaded.
    await shop.sql.execute('UPDATE stock SET on_hand = 66, revision = revision + 1 WHERE product_id = ?', [
      id,
    ]);
    expect(((await attacked.product(id, true)) as CachedResponse).body).toContain('"available":66');
  });

  test.each<[string, (answers: ResponseCache, n: number) => Promise<unknown>]>([
    ['later pages of categories', (answers, n) => answers.categories(`c${n}`)],
    [
      'later pages of products',
      (answers, n) => answers.list({ limit: 5, after: NOBODY.slice(0, -3) + (100 + n) }),
    ],
    ['searches', (answers, n) => answers.list({ limit: 5, q: `word${n}` })],
  ])('a hundred different %s refuse no honest page', async (_what, ask) => {
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    let open = () => {};
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    const flood = Promise.allSettled(Array.from({ length: 100 }, (_, n) => ask(answers, n)));
    const honest = Promise.all([
      answers.list({ limit: 5 }),
      answers.list({ limit: 5, category: 'kitchen' }),
      answers.categories(),
    ]);
    open();
    expect(await honest).toHaveLength(3);
    expect((await flood).some(({ status }) => status === 'rejected')).toBe(true);
  });

  test('with free text or a cursor are in the shared cache from the second request on, first pages from the first', async () => {
    const keys: string[] = [];
    const memory = createMemoryCache();
    const put: Cache['put'] = (key, ...entry) => {
      keys.push(key);
      return memory.put(key, ...entry);
    };
    const database = observed(shop.sql);
    const answers = opened(database.sql, { ...memory, put });
    const ofLists = () => keys.filter((key) => /^(products|categories):/.test(key)).length;
    await answers.list({ limit: 5 });
    await answers.list({ limit: 5, category: 'kitchen' });
    await answers.categories();
    expect(ofLists()).toBe(3);
    const free = async () => {
      await answers.list({ limit: 5, q: 'mug' });
      await answers.list({ limit: 5, after: NOBODY });
      await answers.categories('k');
    };
    await free();
    expect(ofLists()).toBe(3);
    now += CACHE_POLICY.categories.process.ttlMs + 1;
    await free();
    expect(ofLists()).toBe(6);
  });

  test('of a search are one for all its spellings, and a blank one is none', async () => {
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    const first = await answers.list({ limit: 5, q: 'coffee mug' });
    await answers.list({ limit: 5 });
    const { queries } = database;
    for (const q of ['Coffee  MUG', ' coffee mug ', 'cöffee, mug!'])
      expect(await answers.list({ limit: 5, q })).toEqual(first);
    for (const q of ['', '  ']) await answers.list({ limit: 5, q });
    expect(database.queries).toBe(queries);
    for (const q of ['-', '!']) expect((await answers.list({ limit: 5, q })).body).toBe('{"items":[]}');
  });

  test('ask again when their second is over', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    await answers.product(id);
    now += CACHE_POLICY.product.process.ttlMs + 1;
    await until(async () => {
      await answers.product(id);
      return database.queries > 1;
    });
    expect(database.queries).toBe(2);
  });

  test('do not keep what was loaded before a change and came after it; who asked before still gets an answer', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    let open = () => {};
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = answers.product(id);
    // The row is read, its answer on the way, when the product changes.
    await until(() => database.read > 0);
    await shop.catalog.edit(id, () => true, { name: 'Changed' });
    answers.dropProduct(id);
    const late = answers.product(id);
    open();
    expect(JSON.parse(((await early) as CachedResponse).body)).toMatchObject({ version: 1 });
    expect(JSON.parse(((await late) as CachedResponse).body)).toMatchObject({ version: 2 });
    expect(JSON.parse(((await answers.product(id)) as CachedResponse).body)).toMatchObject({ version: 2 });
  });

  test('do not keep a failure', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = opened(database.sql);
    database.gate = Promise.reject(new Error('the database is away'));
    // The query may not have started yet.
    database.gate.catch(() => undefined);
    await expect(answers.product(id)).rejects.toThrow('away');
    database.gate = Promise.resolve();
    expect(await answers.product(id)).not.toBe(MISSING);
  });

  test('are dropped in this process by every change', async () => {
    const id = await shop.add({}, 5);
    const read = () => json<{ name: string; available: number }>(shop.ask('GET', `/api/products/${id}`));
    const names = async () =>
      (await json<{ items: { name: string }[] }>(shop.ask('GET', '/api/products?limit=1'))).items[0]?.name;
    expect([(await read()).available, await names()]).toEqual([5, 'Coffee mug']);
    const held = await json<{ id: string }>(shop.reserve(customer(1), { [id]: 2 }), 201);
    expect((await read()).available).toBe(3);
    await shop.ask('POST', `/api/reservations/${held.id}/release`, { as: customer(1) });
    expect((await read()).available).toBe(5);
    await shop.stock.write(id, { kind: 'adjusted', quantity: -1, reason: 'broken' }, 'x', 'key-00000001');
    expect((await read()).available).toBe(4);
    await shop.catalog.edit(id, () => true, { name: 'Cup' });
    expect([(await read()).name, await names()]).toEqual(['Cup', 'Cup']);
  });
});
