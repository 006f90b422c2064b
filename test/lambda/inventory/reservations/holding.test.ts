import fc from 'fast-check';
import { HOLD_LIMITS } from '../../../../lambda/inventory/reservations/holding';
import { auditStock } from '../../../../lambda/inventory/stock/stock-audit';
import { engines } from '../../../support/engines';
import { runs } from '../../../support/rounds';
import { customer, json, openShop, type Shop, tally } from '../shop';

const MINUTE = 60_000;
const { ofProduct, altogether } = HOLD_LIMITS;
const PRODUCTS = 8;

interface Refusal {
  readonly type: string;
  readonly detail: string;
  readonly asked: number;
  readonly held: number;
  readonly limits: unknown;
  readonly excesses: unknown[];
}

const variants = engines().flatMap((engine) => [
  { name: `${engine.name}, coalesced`, engine, coalesced: true },
  { name: `${engine.name}, one by one`, engine, coalesced: false },
]);

describe.each(variants)('what an account may hold, on $name', ({ engine, coalesced }) => {
  let shop: Shop;
  let other: Shop;
  let products: string[];
  let accounts = 0;
  let me: string;
  beforeAll(async () => {
    shop = await openShop(engine, { coalesced });
    other = await shop.another();
    products = await Promise.all(Array.from({ length: PRODUCTS }, () => shop.add({}, 10_000)));
  });
  beforeEach(() => {
    me = customer(accounts++);
  });
  afterEach(async () => expect(await auditStock(shop.sql)).toEqual([]));

  const product = (n: number) => products[n] as string;
  /** Of the first `count` products so many each. */
  const cart = (count: number, quantity: number) =>
    Object.fromEntries(products.slice(0, count).map((id) => [id, quantity]));
  const refusal = (items: Record<string, number>, as = me) => json<Refusal>(shop.reserve(as, items), 409);
  const reserved = async (items: Record<string, number>, as = me) =>
    (await json<{ id: string }>(shop.reserve(as, items), 201)).id;
  const end = (id: string, how: string) => shop.ask('POST', `/api/reservations/${id}/${how}`, { as: me });
  const heldBy = async (userId: string) => {
    const rows = await shop.sql.query<{ productId: string; pieces: number }>(
      `SELECT i.product_id AS productId, SUM(i.quantity) AS pieces
       FROM reservations r JOIN reservation_items i ON i.reservation_id = r.id
       WHERE r.user_id = ? AND r.status = 'held' GROUP BY i.product_id`,
      [userId],
    );
    return new Map(rows.map(({ productId, pieces }) => [productId, Number(pieces)]));
  };
  const sum = (quantities: Iterable<number>) => [...quantities].reduce((all, one) => all + one, 0);

  test(`is ${ofProduct} of a product; a refusal says what is held and what the limit is`, async () => {
    await reserved({ [product(0)]: ofProduct - 2 });
    const refused = await refusal({ [product(0)]: 3, [product(1)]: 1 });
    expect(refused).toMatchObject({
      type: 'hold-limit',
      ...{ limits: HOLD_LIMITS, asked: 4, held: ofProduct - 2 },
      excesses: [{ productId: product(0), asked: 3, held: ofProduct - 2 }],
    });
    await reserved({ [product(0)]: 2, [product(1)]: ofProduct });
  });

  test(`is ${altogether} pieces altogether`, async () => {
    await reserved(cart(altogether / ofProduct - 1, ofProduct));
    const refused = await refusal({ [product(5)]: 6, [product(6)]: 6 });
    expect(refused).toMatchObject({
      type: 'hold-limit',
      asked: 12,
      held: altogether - ofProduct,
      excesses: [],
    });
    await reserved({ [product(5)]: 5, [product(6)]: 5 });
    expect((await refusal({ [product(7)]: 1 })).held).toBe(altogether);
  });

  test('is free again when it is confirmed, released, or its time is over', async () => {
    const full = { [product(0)]: ofProduct };
    for (const how of ['confirm', 'release']) {
      const id = await reserved(full);
      await refusal({ [product(0)]: 1 });
      await json(end(id, how));
    }
    await reserved(full);
    shop.clock.now += 15 * MINUTE;
    // Time ends it, before any sweeper comes.
    await reserved(full);
    await shop.sweep();
  });

  test('is each account’s own', async () => {
    await reserved({ [product(0)]: ofProduct });
    await reserved({ [product(0)]: ofProduct }, customer(accounts++));
  });

  test('does not stand in the way of a request that is repeated with its key', async () => {
    const items = { [product(0)]: ofProduct };
    const answers = await Promise.all(
      [shop, other, shop, other].map((process) => process.reserve(me, items, 'the-same-key')),
    );
    expect(tally(answers)).toEqual({ 200: 3, 201: 1 });
    await json(shop.reserve(me, items, 'the-same-key'), 200);
  });

  test('is forgotten with the account', async () => {
    await reserved({ [product(0)]: ofProduct });
    await shop.forgetUser(me);
    expect(await shop.sql.query('SELECT user_id FROM holders WHERE user_id = ?', [me])).toEqual([]);
  });

  test('is never passed by requests that come at the same time, and each refusal is right', async () => {
    const carts = fc.array(
      fc
        .uniqueArray(fc.tuple(fc.nat(PRODUCTS - 1), fc.integer({ min: 1, max: ofProduct })), {
          selector: ([n]) => n,
          minLength: 1,
          maxLength: 4,
        })
        .map((lines) => lines.map(([n, quantity]): [string, number] => [product(n), quantity])),
      { minLength: 10, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(carts, fc.integer({ min: 1, max: 3 }), async (all, people) => {
        const everybody = Array.from({ length: people }, () => customer(accounts++));
        const asked = all.map((lines, n) => ({ lines, userId: everybody[n % people] as string }));
        const answers = await Promise.all(
          asked.map(({ lines, userId }, n) =>
            (n % 2 === 0 ? shop : other).reserve(userId, Object.fromEntries(lines)),
          ),
        );
        expect(Object.keys(tally(answers)).filter((status) => !['201', '409'].includes(status))).toEqual([]);
        for (const userId of everybody) {
          const held = await heldBy(userId);
          expect(Math.max(...held.values())).toBeLessThanOrEqual(ofProduct);
          expect(sum(held.values())).toBeLessThanOrEqual(altogether);
          for (const [n, { lines }] of asked.entries()) {
            if (asked[n]?.userId !== userId || answers[n]?.status !== 409) continue;
            const pieces = sum(lines.map(([, quantity]) => quantity));
            const fits =
              lines.every(([id, quantity]) => quantity + (held.get(id) ?? 0) <= ofProduct) &&
              pieces + sum(held.values()) <= altogether;
            expect(fits).toBe(false);
          }
        }
      }),
      runs(15),
    );
  });
});
