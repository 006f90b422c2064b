import { setTimeout as sleep } from 'node:timers/promises';
import { createReadyAnswers, MISSING, type Ready } from '../../../lambda/inventory/ready';
import { CACHING } from '../../../lambda/shared/caching';
import type { Sql } from '../../../lambda/shared/sql';
import { engines } from '../../support/engines';
import { closeShops, customer, json, openShop, type Shop } from './shop';

/** The same schema, counting what is asked of it and letting a test hold the answers back. */
function observed(sql: Sql) {
  const state = { queries: 0, gate: Promise.resolve() };
  const query: Sql['query'] = async (statement, values) => {
    state.queries++;
    const rows = await sql.query(statement, values);
    await state.gate;
    return rows as never;
  };
  return Object.assign(state, { sql: { ...sql, query } });
}

const NOBODY = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';

describe.each(engines())('ready answers on $name', (engine) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });
  afterAll(async () => {
    await closeShops(engine);
  });

  test('load a product once, however many ask at the same time, and serve it from memory then', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    await Promise.all(Array.from({ length: 200 }, () => answers.product(id)));
    await answers.product(id);
    expect(database.queries).toBe(1);
  });

  test('load a list once for equal questions', async () => {
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    await Promise.all(Array.from({ length: 50 }, () => answers.list({ category: 'kitchen', limit: 5 })));
    await answers.list({ limit: 5, q: undefined, category: 'kitchen' });
    await Promise.all([answers.categories(), answers.categories()]);
    expect(database.queries).toBe(2);
  });

  test('load for who just wrote after they asked, once for all of them, and keep that', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    let open: () => void = () => undefined;
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    // Under way, with what was there before the change.
    const before = answers.product(id);
    while (database.queries === 0) await sleep(1);
    await shop.sql.execute('UPDATE stock SET on_hand = 77 WHERE product_id = ?', [id]);
    const fresh = Promise.all(Array.from({ length: 50 }, () => answers.product(id, true)));
    open();
    const bodies = (await fresh).map((answer) => (answer as Ready).body);
    expect(bodies.every((body) => body.includes('"available":77'))).toBe(true);
    expect((await before) as Ready).toMatchObject({ body: expect.stringContaining('"available":0') });
    // The one before, and at most two for all fifty.
    expect(database.queries).toBeLessThanOrEqual(3);
    const { queries } = database;
    expect(((await answers.product(id)) as Ready).body).toContain('"available":77');
    expect(database.queries).toBe(queries);
  });

  test('remember that an id does not exist, until it does', async () => {
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    expect(await answers.product(NOBODY)).toBe(MISSING);
    expect(await answers.product(NOBODY)).toBe(MISSING);
    expect(database.queries).toBe(1);
    answers.dropProduct(NOBODY);
    await answers.product(NOBODY);
    expect(database.queries).toBe(2);
  });

  test('ask again when their second is over', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    await answers.product(id);
    await sleep(CACHING.product.process.ttlMs + 50);
    await answers.product(id);
    expect(database.queries).toBe(2);
  });

  test('do not keep what was loaded before a change and came after it; who asked before still gets an answer', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    let open = () => {};
    database.gate = new Promise((resolve) => {
      open = resolve;
    });
    const early = answers.product(id);
    // The row is read, its answer on the way, when the product changes.
    await sleep(20);
    await shop.catalog.edit(id, () => true, { name: 'Changed' });
    answers.dropProduct(id);
    const late = answers.product(id);
    open();
    expect(JSON.parse(((await early) as Ready).body)).toMatchObject({ version: 1 });
    expect(JSON.parse(((await late) as Ready).body)).toMatchObject({ version: 2 });
    expect(JSON.parse(((await answers.product(id)) as Ready).body)).toMatchObject({ version: 2 });
  });

  test('do not keep a failure', async () => {
    const id = await shop.add();
    const database = observed(shop.sql);
    const answers = createReadyAnswers(database.sql);
    database.gate = Promise.reject(new Error('the database is away'));
    await expect(answers.product(id)).rejects.toThrow('away');
    database.gate = Promise.resolve();
    expect(await answers.product(id)).not.toBe(MISSING);
  });

  test('are dropped in this process by whatever changes them', async () => {
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
