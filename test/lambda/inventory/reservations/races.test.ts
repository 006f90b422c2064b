import { randomUUID } from 'node:crypto';
import { acrossParts, switchToMonths } from '../../../../lambda/inventory/month-tables';
import { auditStock } from '../../../../lambda/inventory/stock/stock-audit';
import { engines } from '../../../support/engines';
import { patient } from '../patient';
import { recorded, type StockHistory } from '../recorded';
import { customer, json, openShop, type Shop, STAFF, tally } from '../shop';

interface StockJson {
  readonly onHand: number;
  readonly reserved: number;
}

const MINUTE = 60_000;
const many = <Item>(count: number, make: (n: number) => Item) =>
  Array.from({ length: count }, (_, n) => make(n));

/**
 * Each race is run by two processes' worth of service at once (two pools on MariaDB), coalesced and not. A slow machine
 * refuses some for a moment, who come again.
 */
const runs = engines().flatMap((engine) => [
  { name: `${engine.name}, coalesced`, engine, coalesced: true },
  { name: `${engine.name}, one by one`, engine, coalesced: false },
  { name: `${engine.name}, in the tables of months`, engine, coalesced: true, months: true },
]);

describe.each(runs)('on $name', ({ engine, coalesced, months = false }) => {
  let shop: Shop;
  let other: Shop;
  let history: StockHistory;
  beforeEach(async () => {
    ({ shop, history } = recorded(patient(await openShop(engine, { coalesced }))));
    if (months) await switchToMonths(shop.sql, shop.clock.now);
    other = await shop.another();
  });
  afterEach(async () => {
    try {
      expect(await auditStock(shop.sql)).toEqual([]);
      expect(history.faults()).toEqual([]);
    } finally {
      await shop.close();
    }
  });

  const either = (n: number) => (n % 2 === 0 ? shop : other);
  const stock = (id: string) => json<StockJson>(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF }));
  const held = async (answer: Response) => (await json<{ id: string }>(answer, 201)).id;

  test('of 240 buyers of the last 40 pieces exactly 40 get one, and the others a refusal', async () => {
    const id = await shop.add({}, 40);
    const answers = await Promise.all(many(240, (n) => either(n).reserve(customer(n), { [id]: 1 })));
    expect(tally(answers)).toEqual({ 201: 40, 409: 200 });
    const ids = new Set(await Promise.all(answers.filter(({ status }) => status === 201).map(held)));
    expect(ids.size).toBe(40);
    const refusals = await Promise.all(
      answers.filter(({ status }) => status === 409).map((refused) => refused.json()),
    );
    expect(
      new Set(refusals.map((refusal) => JSON.stringify((refusal as { shortages: unknown }).shortages))),
    ).toEqual(new Set([JSON.stringify([{ productId: id, asked: 1, available: 0 }])]));
    expect(await stock(id)).toMatchObject({ onHand: 40, reserved: 40 });
  });

  test('every acknowledged buyer owns a reservation of the requested pieces, and no other does', async () => {
    const id = await shop.add({}, 150);
    const answers = await Promise.all(
      many(100, (n) => either(n).reserve(customer(n), { [id]: 1 + (n % 3) })),
    );
    const reserved = await acrossParts<{ user_id: string; quantity: number }>(
      shop.sql,
      (part) =>
        `SELECT r.user_id, i.quantity FROM ${part}reservations r JOIN ${part}reservation_items i ON i.reservation_id = r.id`,
      [],
    );
    const told = answers.flatMap(({ status }, n) =>
      status === 201 ? [`${customer(n)} ${1 + (n % 3)}`] : [],
    );
    expect(reserved.map(({ user_id, quantity }) => `${user_id} ${quantity}`).sort()).toEqual(told.sort());
    expect((await stock(id)).reserved).toBeLessThanOrEqual(150);
    expect((await stock(id)).reserved).toBeGreaterThan(147);
  });

  test('carts of several products in any order neither deadlock nor take half', async () => {
    const ids = await Promise.all(many(6, () => shop.add({}, 40)));
    const answers = await Promise.all(
      many(160, (n) => {
        const picked = [n % 6, (n * 5 + 1) % 6, (n * 7 + 3) % 6].map((place) => ids[place] as string);
        const cart = Object.fromEntries(
          (n % 2 ? picked : [...picked].reverse()).map((id) => [id, 1 + (n % 2)]),
        );
        return either(n).reserve(customer(n), cart);
      }),
    );
    expect(Object.keys(tally(answers)).sort()).toEqual(['201', '409']);
    const carts = await acrossParts(shop.sql, (part) => `SELECT id FROM ${part}reservations`, []);
    expect(carts.length).toBe(tally(answers)[201]);
    expect([shop.deadlocks(), other.deadlocks()]).toEqual([0, 0]);
  });

  test('concurrent requests with one key get one reservation', async () => {
    const id = await shop.add({}, 50);
    const answers = await Promise.all(
      many(40, (n) => either(n).reserve(customer(1), { [id]: 2 }, 'same-key-0001')),
    );
    expect(tally(answers)).toEqual({ 200: 39, 201: 1 });
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(new Set(bodies.map((body) => (body as { id: string }).id)).size).toBe(1);
    expect(await stock(id)).toMatchObject({ reserved: 2 });
  });

  test('one key at once with different wishes grants one wish', async () => {
    const id = await shop.add({}, 50);
    const answers = await Promise.all(
      many(20, (n) => either(n).reserve(customer(1), { [id]: 1 + (n % 2) }, 'same-key-0001')),
    );
    expect(tally(answers)).toEqual({ 200: 9, 201: 1, 422: 10 });
  });

  test('one key at once gives one line in the ledger', async () => {
    const id = await shop.add();
    const answers = await Promise.all(
      many(20, (n) =>
        either(n).ask('POST', `/api/products/${id}/ledger`, {
          as: STAFF,
          body: { kind: 'received', quantity: 7 },
          headers: { 'Idempotency-Key': 'same-key-0001' },
        }),
      ),
    );
    expect(tally(answers)).toEqual({ 200: 19, 201: 1 });
    expect(await stock(id)).toMatchObject({ onHand: 7 });
  });

  test('confirm, release and expiry at once have one outcome each', async () => {
    const id = await shop.add({}, 60);
    const reservations = await Promise.all(
      many(60, async (n) => held(await shop.reserve(customer(n), { [id]: 1 }))),
    );
    // Halfway through, all of them expire, and later requests find them expired.
    const end = (n: number, how: string) =>
      either(n).ask('POST', `/api/reservations/${reservations[n]}/${how}`, { as: customer(n) });
    const ended = many(60, (n) => Promise.all([end(n, 'confirm'), end(n, 'release'), end(n, 'confirm')]));
    const swept = Promise.all([...ended.slice(0, 1)]).then(() => {
      shop.clock.now += 15 * MINUTE;
      return Promise.all([shop.sweep(), other.sweep()]);
    });
    const answers = await Promise.all(ended);
    await swept;
    await shop.sweep();
    const rows = await acrossParts<{ id: string; status: string }>(
      shop.sql,
      (part) => `SELECT id, status FROM ${part}reservations`,
      [],
    );
    const count = (status: string) => rows.filter((row) => row.status === status).length;
    for (const [n, [confirmed, released, again]] of answers.entries()) {
      const status = rows.find((row) => row.id === reservations[n])?.status;
      expect(status).not.toBe('held');
      if (confirmed?.status === 200 || again?.status === 200) expect(status).toBe('confirmed');
      if (released?.status === 200) expect(status).toBe('released');
    }
    expect(await stock(id)).toMatchObject({ onHand: 60 - count('confirmed'), reserved: 0 });
  });

  test('sweepers in parallel give stock back once', async () => {
    const ids = await Promise.all(many(3, () => shop.add({}, 200)));
    await Promise.all(
      many(120, (n) =>
        either(n).reserve(customer(n), { [ids[n % 3] as string]: 1, [ids[(n + 1) % 3] as string]: 1 }),
      ),
    );
    shop.clock.now += 15 * MINUTE;
    const third = await shop.another();
    const ended = await Promise.all([shop, other, third, shop, other, third].map((one) => one.sweep()));
    expect(ended.reduce((sum, count) => sum + count)).toBe(120);
    for (const id of ids) expect(await stock(id)).toMatchObject({ onHand: 200, reserved: 0 });
  });

  test('buyers, sellers, staff, sweepers and a leaving user at once: the ledger is the stock', async () => {
    const ids = await Promise.all(many(4, () => shop.add({}, 40)));
    const pick = (n: number) => ids[n % 4] as string;
    const life = async (n: number) => {
      const answer = await either(n).reserve(customer(n % 10), { [pick(n)]: 1, [pick(n + 1)]: 2 });
      if (answer.status !== 201) return answer.status;
      const reservation = await held(answer);
      const how = n % 3 === 0 ? 'release' : 'confirm';
      return (
        await either(n + 1).ask('POST', `/api/reservations/${reservation}/${how}`, { as: customer(n % 10) })
      ).status;
    };
    const statuses = await Promise.all([
      ...many(100, life),
      ...many(20, async (n) => {
        const entry = {
          kind: n % 2 ? 'received' : 'adjusted',
          quantity: n % 2 ? 3 : -2,
          reason: n % 2 ? null : 'x',
        } as const;
        return either(n)
          .stock.write(pick(n), entry, STAFF, randomUUID())
          .then(() => 201)
          .catch((error: Error) => error.name);
      }),
      ...many(5, async (n) => (await either(n).sweep()) * 0),
      either(0)
        .forgetUser(customer(3))
        .then(() => 0),
    ]);
    const known = new Set<unknown>([0, 200, 201, 404, 409, 'StockBelowReservedError']);
    expect(statuses.filter((status) => !known.has(status))).toEqual([]);
    shop.clock.now += 15 * MINUTE;
    await shop.sweep();
    for (const id of ids) expect((await stock(id)).reserved).toBe(0);
  });
});
