import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advanceArchive, NotArchivedError } from '../../../lambda/archive/archive';
import { openDuckDb } from '../../../lambda/archive/duckdb';
import { LoadMismatchError, loadBatches } from '../../../lambda/archive/load';
import { batchesIn, receive, send } from '../../../lambda/archive/messages';
import { monthStart } from '../../../lambda/archive/months';
import { type Warehouse, WarehouseUnavailableError } from '../../../lambda/archive/warehouse';
import { auditStock } from '../../../lambda/inventory/stock/stock-audit';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import { cleanup, closing } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { ROUNDS, random } from '../../support/rounds';
import { customer, json, openShop, type Shop } from '../inventory/shop';
import { addOldSales, idsHere } from './old-sales';
import { StoppedError, stopping } from './stopping';

const KEPT_MONTHS = 2;
const DAY = 24 * 60 * 60_000;

describe.each(engines())('on $name', (engine) => {
  let shop: Shop;
  let product: string;
  let blobs: Blobs;
  let warehouse: Warehouse;
  beforeEach(async () => {
    shop = await openShop(engine);
    product = await shop.add({}, 5);
    const folder = mkdtempSync(join(tmpdir(), 'shop-archive-'));
    cleanup(() => rmSync(folder, { recursive: true }));
    blobs = await openBlobs(`file:${folder}`);
    warehouse = closing(await openDuckDb(':memory:', blobs));
    await warehouse.prepare();
  });
  afterEach(async () => {
    try {
      expect(await auditStock(shop.sql)).toEqual([]);
    } finally {
      await shop.close();
      await warehouse.close();
    }
  });

  // Each run begins at another step; a step takes servers a second.
  const stride = Math.ceil((engine.name === 'SQLite' ? 6 : 24) / ROUNDS);
  const now = () => shop.clock.now;
  /** In the middle of a month before the present one. */
  const ago = (months: number) => monthStart(now(), -months) + 10 * DAY;
  const options = (given: { sql?: Shop['sql']; blobs?: Blobs; warehouse?: Warehouse } = {}) => ({
    ...{ sql: shop.sql, blobs, warehouse, now, keptMonths: KEPT_MONTHS, rowsPerFile: 4 },
    ...given,
  });
  /** Both functions in turn, until nothing is old enough. */
  const cycle = async (given?: Parameters<typeof options>[0]) => {
    for (;;) {
      const state = await advanceArchive(options(given));
      if (state === 'idle') return;
      await loadBatches(options(given));
    }
  };
  const idsThere = async () => {
    const ids = async (column: string, kind: string) =>
      (await warehouse.query<{ id: string }>(`SELECT ${column} AS id FROM ${kind}`))
        .map(({ id }) => id)
        .sort();
    return {
      ledger: await ids('id', 'ledger'),
      reservations: await ids('id', 'reservations'),
      items: await ids('reservation_id', 'items'),
    };
  };
  const both = async () => {
    const [here, there] = [await idsHere(shop.sql), await idsThere()];
    const kinds = Object.keys(here) as (keyof typeof here)[];
    return Object.fromEntries(kinds.map((kind) => [kind, [...here[kind], ...there[kind]].sort()]));
  };

  test('what is older than the kept months is in the warehouse alone, as it was here; everything else is here', async () => {
    await addOldSales(shop.sql, { at: ago(5), product, count: 9 });
    await addOldSales(shop.sql, { at: ago(3), product, count: 9 });
    const old = await idsHere(shop.sql);
    await addOldSales(shop.sql, { at: ago(2), product, count: 6 });
    await json(shop.reserve(customer(1), { [product]: 2 }), 201);
    const all = await both();
    await cycle();
    expect(await both()).toEqual(all);
    const there = await idsThere();
    expect(there.reservations).toEqual(old.reservations);
    expect(there.items).toEqual(old.items);
    // The goods of today were received first.
    expect(there.ledger).toHaveLength(old.ledger.length - 1);
    expect((await shop.sql.query('SELECT id FROM ledger')).length).toBe(0);
    const [line] = await warehouse.query(
      "SELECT kind, quantity, reason, reservation_id FROM ledger WHERE kind = 'received' LIMIT 1",
    );
    expect(line).toEqual({
      kind: 'received',
      quantity: 6,
      reason: 'ware | =~ \\N "ü" 🫖',
      reservation_id: null,
    });
  });

  test('reservations of two products leave whole, wherever a page or a file ends', async () => {
    await addOldSales(shop.sql, { at: ago(3), product, count: 1100 });
    await shop.sql.execute(
      `INSERT INTO reservation_items (reservation_id, product_id, name, quantity, amount, currency)
       SELECT reservation_id, ?, name, quantity, amount, currency FROM reservation_items`,
      [await shop.add()],
    );
    const all = await both();
    // An odd number, so that a file ends between the two; a page has 1,000 rows.
    const rowsPerFile = 1501;
    while ((await advanceArchive({ ...options(), rowsPerFile })) !== 'idle') await loadBatches(options());
    expect(await both()).toEqual(all);
    expect((await idsThere()).items).toHaveLength(2200);
  });

  test('a reservation that is held stays in its table, where its buyer ends it, and leaves that when it has ended', async () => {
    const { id } = await json<{ id: string }>(shop.reserve(customer(1), { [product]: 2 }), 201);
    const inFirstTable = () => shop.sql.query('SELECT id, status FROM reservations');
    await cycle();
    expect(await inFirstTable()).toEqual([{ id, status: 'held' }]);
    const confirmed = await shop.ask('POST', `/api/reservations/${id}/confirm`, { as: customer(1) });
    expect(confirmed.status).toBe(200);
    await cycle();
    expect(await inFirstTable()).toEqual([]);
    expect((await idsHere(shop.sql)).reservations).toEqual([id]);
  });

  test('balances of the lines that left are carried forward, and the warehouse has their sum', async () => {
    await addOldSales(shop.sql, { at: ago(4), product, count: 5 });
    const other = await shop.add({}, 3);
    await addOldSales(shop.sql, { at: ago(3), product: other, count: 4 });
    // Not all of what was received was sold.
    await addOldSales(shop.sql, { at: ago(3), product, count: 1, into: 'monthly_' });
    await shop.sql.execute("UPDATE monthly_ledger SET quantity = 8 WHERE kind = 'received'");
    await shop.sql.execute('UPDATE stock SET on_hand = on_hand + 7 WHERE product_id = ?', [product]);
    await cycle();
    const carried = await shop.sql.query<{ id: string; sum: number }>(
      'SELECT product_id AS id, SUM(quantity) AS sum FROM archived_stock GROUP BY product_id ORDER BY product_id',
    );
    const there = await warehouse.query<{ id: string; sum: number }>(
      'SELECT product_id AS id, SUM(quantity) AS sum FROM ledger GROUP BY product_id ORDER BY product_id',
    );
    expect(carried.map((row) => ({ ...row, sum: Number(row.sum) }))).toEqual(there);
    expect(there.some(({ sum }) => Number(sum) > 0)).toBe(true);
  });

  test.each(['before', 'after'] as const)(
    'stopped %s any step and run again, with late rows meanwhile, no row is lost and none is double',
    async (when) => {
      let stops = 0;
      for (let nth = 1 + Math.floor(random() * stride); ; nth += stride) {
        await addOldSales(shop.sql, { at: ago(3), product, count: 6 });
        const stop = stopping(nth, when);
        await cycle({
          sql: stop.sql(shop.sql),
          blobs: stop.blobs(blobs),
          warehouse: stop.warehouse(warehouse),
        }).catch((error) => {
          if (!(error instanceof StoppedError)) throw error;
        });
        await addOldSales(shop.sql, { at: ago(3) + DAY, product, count: 1, into: 'monthly_' });
        await addOldSales(shop.sql, { at: ago(6), product, count: 1, into: 'monthly_' });
        const all = await both();
        expect(await auditStock(shop.sql)).toEqual([]);
        await cycle();
        const ended = await both();
        for (const kind of Object.keys(ended)) expect(new Set(ended[kind]).size).toBe(ended[kind]?.length);
        expect(Object.keys(ended).map((kind) => ended[kind])).toEqual(
          Object.keys(all).map((kind) => [...new Set(all[kind])].sort()),
        );
        if (!stop.wasStopped()) break;
        stops++;
      }
      expect(stops).toBeGreaterThan(40 / stride);
    },
  );

  test('a row that does not arrive is not dropped here', async () => {
    await addOldSales(shop.sql, { at: ago(3), product, count: 6 });
    const all = await both();
    const losing: Warehouse = {
      ...warehouse,
      load: async (kind, prefix) => {
        await warehouse.load(kind, prefix);
        await warehouse.query(
          'DELETE FROM items WHERE reservation_id = (SELECT MIN(reservation_id) FROM items)',
        );
      },
    };
    await expect(cycle({ warehouse: losing })).rejects.toThrow(LoadMismatchError);
    expect(await advanceArchive(options())).toBe('loading');
    expect((await idsHere(shop.sql)).ledger.length).toBe(all.ledger?.length);
    await cycle();
    expect(await both()).toEqual(all);
  });

  test('rows that arrive changed are not dropped here, however many they are and whatever they add up to', async () => {
    await addOldSales(shop.sql, { at: ago(3), product, count: 6 });
    const all = await both();
    const changing: Warehouse = {
      ...warehouse,
      load: async (kind, prefix) => {
        await warehouse.load(kind, prefix);
        await warehouse.query("UPDATE items SET currency = 'XXX'");
      },
    };
    await expect(cycle({ warehouse: changing })).rejects.toThrow(LoadMismatchError);
    expect(await advanceArchive(options())).toBe('loading');
    expect((await idsHere(shop.sql)).ledger.length).toBe(all.ledger?.length);
  });

  test('a receipt that says less or something else than was written is refused', async () => {
    await addOldSales(shop.sql, { at: ago(3), product, count: 6 });
    const here = await idsHere(shop.sql);
    await advanceArchive(options());
    await loadBatches(options());
    const [batch = ''] = await batchesIn(blobs, 'receipts');
    const receipt = await receive(blobs, 'receipts', batch);
    const [first, ...others] = receipt?.files ?? [];
    if (!first) throw new Error('The receipt has files');
    for (const files of [
      others,
      [{ ...first, rows: first.rows + 1 }, ...others],
      [{ ...first, total: first.total + 1 }, ...others],
      [{ ...first, checksum: first.checksum + 1 }, ...others],
      [{ ...first, lastKey: `${first.lastKey}0` }, ...others],
    ]) {
      await send(blobs, 'receipts', { batch, files });
      await expect(advanceArchive(options())).rejects.toThrow(NotArchivedError);
      expect(await idsHere(shop.sql)).toEqual(here);
    }
  });

  test('a month with an open reservation waits for its end', async () => {
    await addOldSales(shop.sql, { at: ago(4), product, count: 1, into: 'monthly_' });
    await shop.sql.execute("UPDATE monthly_reservations SET status = 'held', expires_at = 1");
    await shop.sql.execute('UPDATE stock SET reserved = 1, on_hand = on_hand + 1 WHERE product_id = ?', [
      product,
    ]);
    await shop.sql.execute("DELETE FROM monthly_ledger WHERE kind = 'sold'");
    expect(await advanceArchive(options())).toBe('idle');
    expect(await batchesIn(blobs, 'manifests')).toEqual([]);
    await shop.sweep();
    await cycle();
    expect((await idsThere()).reservations).toHaveLength(1);
  });

  test('while the warehouse is away for a day the shop goes on, nothing is dropped, and then everything arrives', async () => {
    await addOldSales(shop.sql, { at: ago(3), product, count: 6 });
    const away: Warehouse = {
      ...warehouse,
      prepare: () => Promise.reject(new WarehouseUnavailableError('The warehouse does not answer')),
    };
    for (let hour = 0; hour < 24; hour++) {
      expect(await advanceArchive(options())).toBe('loading');
      await expect(loadBatches(options({ warehouse: away }))).rejects.toThrow(WarehouseUnavailableError);
      if (hour % 8 === 0) {
        const { id } = await json<{ id: string }>(shop.reserve(customer(hour), { [product]: 1 }), 201);
        await json(shop.ask('POST', `/api/reservations/${id}/confirm`, { as: customer(hour) }));
      }
      expect(await auditStock(shop.sql)).toEqual([]);
      shop.clock.now += 60 * 60_000;
    }
    const all = await both();
    await cycle();
    expect(await both()).toEqual(all);
    expect((await idsThere()).reservations).toHaveLength(6);
  });

  test('a reservation in a month that leaves is found until it has left, and then said to be in the archive', async () => {
    const buyer = customer(7);
    await addOldSales(shop.sql, { at: ago(3), product, count: 1, user: buyer });
    const [id] = (await idsHere(shop.sql)).reservations;
    const open = () => shop.ask('GET', `/api/reservations/${id}`, { as: buyer });
    expect(await advanceArchive(options())).toBe('loading');
    expect((await open()).status).toBe(200);
    await cycle();
    expect((await open()).status).toBe(410);
  });

  test('a user is forgotten in a month that leaves, and nothing in the warehouse says who it was', async () => {
    const buyer = customer(8);
    await addOldSales(shop.sql, { at: ago(3), product, count: 3, user: buyer });
    await advanceArchive(options());
    await shop.forgetUser(buyer);
    expect(await shop.sql.query('SELECT id FROM leaving_reservations WHERE user_id IS NOT NULL')).toEqual([]);
    await cycle();
    for (const kind of ['ledger', 'reservations', 'items']) {
      const [row] = await warehouse.query(`SELECT * FROM ${kind} LIMIT 1`);
      expect(Object.keys(row ?? {})).not.toContain('user_id');
    }
  });
});
