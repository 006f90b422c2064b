import { uuidv7 } from 'uuidv7';
import { Reservation as ReservationSchema } from '../../../../lambda/inventory/reservations/schemas';
import { auditStock } from '../../../../lambda/inventory/stock/stock-audit';
import { engines } from '../../../support/engines';
import { customer, json, openShop, type Shop, STAFF } from '../shop';

interface ReservationJson {
  readonly id: string;
  readonly status: string;
  readonly items: unknown[];
  readonly expiresAt: string;
}

const ME = customer(1);
const SOMEBODY = customer(2);
const NO_PRODUCT = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';
const MINUTE = 60_000;

describe.each(engines())('stock and reservations on $name', (engine) => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop(engine);
  });
  afterEach(async () => {
    expect(await auditStock(shop.sql)).toEqual([]);
    await shop.close();
  });

  const stock = (id: string) => json(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF }));
  const write = (id: string, body: unknown, key = 'ledger-key-1', as = STAFF) =>
    shop.ask('POST', `/api/products/${id}/ledger`, { as, body, headers: { 'Idempotency-Key': key } });
  const hold = (id: string, quantity = 1, as = ME) =>
    json<ReservationJson>(shop.reserve(as, { [id]: quantity }), 201);
  const read = (id: string, as = ME) => shop.ask('GET', `/api/reservations/${id}`, { as });
  const end = (id: string, how: string, as = ME) =>
    shop.ask('POST', `/api/reservations/${id}/${how}`, { as });

  test('costs what its items cost together, however much that is', async () => {
    const id = await shop.add({ price: { amount: 1_000_000_000, currency: 'USD' } }, 100);
    const { total } = await json<{ total: unknown }>(shop.reserve(ME, { [id]: 10 }), 201);
    expect(total).toEqual({ amount: 10_000_000_000, currency: 'USD' });
  });

  describe('the ledger', () => {
    test('adds up to what is on hand, newest first, with who and why', async () => {
      const id = await shop.add();
      await json(write(id, { kind: 'received', quantity: 12 }, 'key-00000001'), 201);
      await json(write(id, { kind: 'adjusted', quantity: -2, reason: 'Broken' }, 'key-00000002'), 201);
      const { id: held } = await hold(id, 3);
      await json(end(held, 'confirm'));
      expect(await stock(id)).toEqual({ onHand: 7, reserved: 0, available: 7 });
      const { items } = await json<{ items: unknown[] }>(
        shop.ask('GET', `/api/products/${id}/ledger`, { as: STAFF }),
      );
      expect(items).toMatchObject([
        { kind: 'sold', quantity: -3, reason: null, by: null },
        { kind: 'adjusted', quantity: -2, reason: 'Broken', by: STAFF },
        { kind: 'received', quantity: 12, reason: null, by: STAFF },
      ]);
    });

    test('is read in pages', async () => {
      const id = await shop.add();
      for (let n = 1; n <= 5; n++) await write(id, { kind: 'received', quantity: n }, `key-0000000${n}`);
      const ledger = (query: string) =>
        json<{ items: { quantity: number }[]; next?: string }>(
          shop.ask('GET', `/api/products/${id}/ledger?limit=3${query}`, { as: STAFF }),
        );
      const first = await ledger('');
      await write(id, { kind: 'received', quantity: 6 }, 'key-00000006');
      const second = await ledger(`&after=${first.next}`);
      expect([first, second].map(({ items }) => items.map(({ quantity }) => quantity))).toEqual([
        [5, 4, 3],
        [2, 1],
      ]);
      expect(second.next).toBeUndefined();
    });

    test('never falls below the reserved quantity', async () => {
      const id = await shop.add({}, 5);
      await hold(id, 3);
      const lost = (quantity: number, key: string) =>
        write(id, { kind: 'adjusted', quantity, reason: 'Lost' }, key);
      expect(await json(lost(-3, 'key-00000001'), 409)).toMatchObject({ type: 'stock-below-reserved' });
      await json(lost(-2, 'key-00000001'), 201);
      expect(await stock(id)).toEqual({ onHand: 3, reserved: 3, available: 0 });
    });

    test('takes a repeated request once, and refuses another one under its key', async () => {
      const id = await shop.add();
      const entry = await json(write(id, { kind: 'received', quantity: 5 }), 201);
      expect(await json(write(id, { kind: 'received', quantity: 5 }), 200)).toEqual(entry);
      expect(await json(write(id, { kind: 'received', quantity: 6 }), 422)).toMatchObject({
        type: 'key-reused',
      });
      expect(await stock(id)).toMatchObject({ onHand: 5 });
    });

    test('is for staff, of products that exist, in entries that make sense', async () => {
      const id = await shop.add();
      expect((await write(id, { kind: 'received', quantity: 1 }, 'key-00000001', ME)).status).toBe(403);
      expect((await shop.ask('GET', `/api/products/${id}/stock`, { as: ME })).status).toBe(403);
      expect((await shop.ask('GET', `/api/products/${id}/ledger`)).status).toBe(401);
      expect((await write(NO_PRODUCT, { kind: 'received', quantity: 1 })).status).toBe(404);
      for (const wrong of [
        { kind: 'received', quantity: 0 },
        { kind: 'received', quantity: -1 },
        { kind: 'received', quantity: 1_000_001 },
        { kind: 'adjusted', quantity: 1_000_001, reason: 'x' },
        { kind: 'adjusted', quantity: -1_000_001, reason: 'x' },
        { kind: 'adjusted', quantity: 1, reason: 'x'.repeat(201) },
        { kind: 'adjusted', quantity: 0, reason: 'x' },
        { kind: 'adjusted', quantity: 1 },
        { kind: 'sold', quantity: 1 },
      ]) {
        expect((await write(id, wrong)).status).toBe(400);
      }
      for (const [n, most] of [
        { kind: 'received', quantity: 1_000_000 },
        { kind: 'adjusted', quantity: 1_000_000, reason: 'x'.repeat(200) },
        { kind: 'adjusted', quantity: -1_000_000, reason: 'x' },
      ].entries()) {
        expect((await write(id, most, `key-of-most-${n}`)).status).toBe(201);
      }
      expect((await shop.ask('POST', `/api/products/${id}/ledger`, { as: STAFF, body: {} })).status).toBe(
        400,
      );
    });
  });

  describe('a reservation', () => {
    test('holds all of its items at their prices for 15 minutes, and says where it is', async () => {
      const mug = await shop.add({}, 5);
      const pot = await shop.add({ name: 'Pot', price: { amount: 2000, currency: 'USD' } }, 5);
      const made = await shop.reserve(ME, { [mug]: 2, [pot]: 1 });
      const location = made.headers.get('location') ?? '';
      expect(made.headers.get('cache-control')).toBe('private, no-store');
      const reservation = await json<ReservationJson>(made, 201);
      expect(ReservationSchema.parse(reservation)).toEqual(reservation);
      expect(reservation).toMatchObject({
        status: 'held',
        items: [
          { productId: mug, name: 'Coffee mug', quantity: 2, price: { amount: 1299, currency: 'USD' } },
          { productId: pot, name: 'Pot', quantity: 1, price: { amount: 2000, currency: 'USD' } },
        ],
        total: { amount: 4598, currency: 'USD' },
        expiresAt: new Date(shop.clock.now + 15 * MINUTE).toISOString(),
      });
      await shop.catalog.edit(mug, () => true, { name: 'Dearer', price: { amount: 9999, currency: 'USD' } });
      expect(await json(shop.ask('GET', location, { as: ME }))).toEqual(reservation);
      expect(await stock(mug)).toEqual({ onHand: 5, reserved: 2, available: 3 });
    });

    test('is refused as a whole, with its shortages, if one item is short', async () => {
      const mug = await shop.add({}, 5);
      const pot = await shop.add({}, 1);
      const refused = await json(shop.reserve(ME, { [mug]: 2, [pot]: 3 }), 409);
      expect(refused).toMatchObject({
        type: 'out-of-stock',
        shortages: [{ productId: pot, asked: 3, available: 1 }],
      });
      expect(await stock(mug)).toMatchObject({ reserved: 0 });
      expect(await json(shop.reserve(ME, { [mug]: 1, [NO_PRODUCT]: 1 }), 404)).toMatchObject({
        type: 'no-such-product',
      });
      const euro = await shop.add({ price: { amount: 1, currency: 'EUR' } }, 1);
      expect(await json(shop.reserve(ME, { [mug]: 1, [euro]: 1 }), 422)).toMatchObject({
        type: 'mixed-currencies',
      });
    });

    test('is the same when its request is repeated with its key; another request with the key is refused', async () => {
      const id = await shop.add({}, 5);
      const first = await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 201);
      expect(await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 200)).toEqual(first);
      expect(await json(shop.reserve(ME, { [id]: 3 }, 'my-key-000001'), 422)).toMatchObject({
        type: 'key-reused',
      });
      await json(shop.reserve(SOMEBODY, { [id]: 2 }, 'my-key-000001'), 201);
      expect(await stock(id)).toMatchObject({ reserved: 4 });
    });

    test('leaves its key free when it was refused', async () => {
      const id = await shop.add({}, 1);
      await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 409);
      await shop.stock.write(id, { kind: 'received', quantity: 1, reason: null }, STAFF, 'more-00000001');
      await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 201);
    });

    test('has its key for a day; then the key is new again, swept or not', async () => {
      const id = await shop.add({}, 10);
      const first = await json<ReservationJson>(shop.reserve(ME, { [id]: 1 }, 'my-key-000001'), 201);
      shop.clock.now += 24 * 60 * MINUTE - 1;
      expect(await json(shop.reserve(ME, { [id]: 1 }, 'my-key-000001'), 200)).toMatchObject({ id: first.id });
      shop.clock.now += 1;
      const second = await json<ReservationJson>(shop.reserve(ME, { [id]: 4 }, 'my-key-000001'), 201);
      expect(second.id).not.toBe(first.id);
      shop.clock.now += 25 * 60 * MINUTE;
      await shop.sweep();
      expect(await shop.sql.query('SELECT id FROM idempotency')).toEqual([]);
    });

    test('confirmed is sold; again is the same; then it can no longer be released', async () => {
      const id = await shop.add({}, 5);
      const { id: held } = await hold(id, 2);
      expect(await json(end(held, 'confirm'))).toMatchObject({ id: held, status: 'confirmed' });
      expect(await json(end(held, 'confirm'))).toMatchObject({ id: held, status: 'confirmed' });
      expect(await json(end(held, 'release'), 409)).toMatchObject({ type: 'not-held' });
      expect(await stock(id)).toEqual({ onHand: 3, reserved: 0, available: 3 });
    });

    test('released gives back; again is the same; then it can no longer be confirmed', async () => {
      const id = await shop.add({}, 5);
      const { id: held } = await hold(id, 2);
      expect(await json(end(held, 'release'))).toMatchObject({ status: 'released' });
      expect(await json(end(held, 'release'))).toMatchObject({ status: 'released' });
      expect(await json(end(held, 'confirm'), 409)).toMatchObject({ type: 'not-held' });
      expect(await stock(id)).toEqual({ onHand: 5, reserved: 0, available: 5 });
    });

    test('is over when its time is, before any sweeper came; the sweeper then gives back, once', async () => {
      const id = await shop.add({}, 5);
      const { id: held } = await hold(id, 2);
      shop.clock.now += 15 * MINUTE - 1;
      expect(await shop.sweep()).toBe(0);
      shop.clock.now += 1;
      expect(await json(read(held))).toMatchObject({ status: 'expired' });
      expect((await end(held, 'confirm')).status).toBe(409);
      expect((await end(held, 'release')).status).toBe(409);
      expect(await stock(id)).toMatchObject({ reserved: 2 });
      expect([await shop.sweep(), await shop.sweep()]).toEqual([1, 0]);
      expect(await stock(id)).toEqual({ onHand: 5, reserved: 0, available: 5 });
      expect(await json(read(held))).toMatchObject({ status: 'expired' });
    });

    test('is its owner’s: for others it does not exist', async () => {
      const id = await shop.add({}, 5);
      const { id: held } = await hold(id);
      for (const answer of [
        read(held, SOMEBODY),
        end(held, 'confirm', SOMEBODY),
        end(held, 'release', SOMEBODY),
      ]) {
        expect(await json(answer, 404)).toMatchObject({ type: 'no-such-reservation' });
      }
      expect(await json(shop.ask('GET', '/api/reservations', { as: SOMEBODY }))).toEqual({ items: [] });
      expect((await shop.ask('GET', `/api/reservations/${held}`)).status).toBe(401);
      expect(await json(read(held))).toMatchObject({ status: 'held' });
    });

    test('stands in its owner’s list, newest first, paged', async () => {
      const id = await shop.add({}, 9);
      const made: string[] = [];
      for (let n = 0; n < 5; n++) made.unshift((await hold(id)).id);
      const first = await json<{ items: ReservationJson[]; next: string }>(
        shop.ask('GET', '/api/reservations?limit=3', { as: ME }),
      );
      const second = await json<{ items: ReservationJson[]; next?: string }>(
        shop.ask('GET', `/api/reservations?limit=3&after=${first.next}`, { as: ME }),
      );
      expect([...first.items, ...second.items].map((reservation) => reservation.id)).toEqual(made);
      expect(second.next).toBeUndefined();
      expect(first.items[0]?.items).toHaveLength(1);
    });

    test('is refused when it is not of the form', async () => {
      const id = await shop.add({}, 500);
      const post = (body: unknown, key?: string) =>
        shop.ask('POST', '/api/reservations', {
          as: ME,
          body,
          ...(key && { headers: { 'Idempotency-Key': key } }),
        });
      const item = { productId: id, quantity: 1 };
      for (const items of [
        [],
        [item, item],
        [{ ...item, quantity: 0 }],
        [{ ...item, quantity: 101 }],
        [{ ...item, price: 1 }],
        Array.from({ length: 21 }, () => ({ productId: uuidv7(), quantity: 1 })),
      ]) {
        expect((await post({ items }, 'my-key-000001')).status).toBe(400);
      }
      expect((await post({ items: [item] })).status).toBe(400);
      expect((await post({ items: [item] }, 'short')).status).toBe(400);
      expect((await post({ items: [item] }, 'spaces are not in it')).status).toBe(400);
    });
  });

  test('a forgotten user holds nothing and stands nowhere; sales stay; repeating it is fine', async () => {
    const id = await shop.add({}, 9);
    const bought = await hold(id, 1);
    await json(end(bought.id, 'confirm'));
    await hold(id, 2);
    await hold(id, 3, SOMEBODY);
    await write(id, { kind: 'received', quantity: 1 });
    for (const user of [ME, ME, STAFF]) await shop.forgetUser(user);
    expect(await stock(id)).toEqual({ onHand: 9, reserved: 3, available: 6 });
    for (const table of ['reservations', 'ledger', 'idempotency']) {
      const rows = await shop.sql.query<{ user_id: string | null }>(`SELECT * FROM ${table}`);
      const users = rows.map((row) => row.user_id).filter((user) => user !== null);
      expect([table, [...new Set(users)]]).toEqual([table, table === 'ledger' ? [] : [SOMEBODY]]);
      expect(JSON.stringify(rows)).not.toContain(ME);
    }
  });

  test('a forgotten user holds nothing, also after more old reservations than are read at a time', async () => {
    const id = await shop.add({}, 9);
    const insert =
      'INSERT INTO reservations (id, user_id, status, created_at, expires_at) VALUES (?, ?, ?, 0, 1)';
    for (let n = 100; n < 300; n++)
      await shop.sql.execute(insert, [`00000000-0000-7000-8000-000000000${n}`, ME, 'released']);
    await hold(id, 2);
    await shop.forgetUser(ME);
    expect(await stock(id)).toEqual({ onHand: 9, reserved: 0, available: 9 });
  });

  test('the checker names a product whose stock is not what ledger and reservations say', async () => {
    const id = await shop.add({}, 5);
    await hold(id, 2);
    const set = (onHand: number, reserved: number) =>
      shop.sql.execute('UPDATE stock SET on_hand = ?, reserved = ? WHERE product_id = ?', [
        ...[onHand, reserved, id],
      ]);
    for (const [onHand, reserved] of [
      [6, 1],
      [6, 2],
      [5, 1],
    ] as const) {
      await set(onHand, reserved);
      expect(await auditStock(shop.sql)).toEqual([{ productId: id, onHand, ledger: 5, reserved, held: 2 }]);
    }
    await set(5, 2);
    expect(await auditStock(shop.sql)).toEqual([]);
    await shop.sql.execute('DELETE FROM stock');
    expect(await auditStock(shop.sql)).toEqual([
      { productId: id, onHand: 0, ledger: 5, reserved: 0, held: 2 },
    ]);
    await shop.sql.execute('INSERT INTO stock (product_id, on_hand, reserved) VALUES (?, 5, 2)', [id]);
  });

  test('the database itself refuses stock that was sold twice', async () => {
    const id = await shop.add({}, 5);
    const set = (values: string) => shop.sql.execute(`UPDATE stock SET ${values} WHERE product_id = ?`, [id]);
    await expect(set('reserved = 6')).rejects.toThrow();
    await expect(set('reserved = -1')).rejects.toThrow();
    await expect(set('on_hand = -1')).rejects.toThrow();
  });
});
