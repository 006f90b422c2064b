import { randomUUID } from 'node:crypto';
import { idFloor } from '../../../lambda/inventory/month-ids';
import {
  acrossParts,
  createNewRows,
  setKeptFrom,
  switchToMonths,
} from '../../../lambda/inventory/month-tables';
import { auditStock } from '../../../lambda/inventory/stock/stock-audit';
import { engines } from '../../support/engines';
import { recorded, type StockHistory } from './recorded';
import { customer, json, openShop, type Shop, STAFF, tally } from './shop';

interface ReservationJson {
  readonly id: string;
  readonly status: string;
}

const BUYER = customer(1);

describe.each(engines())('on $name', (engine) => {
  let shop: Shop;
  let history: StockHistory;
  let product: string;
  beforeEach(async () => {
    ({ shop, history } = recorded(await openShop(engine)));
    product = await shop.add({}, 30);
  });
  afterEach(async () => {
    try {
      expect(await auditStock(shop.sql)).toEqual([]);
      expect(history.faults()).toEqual([]);
    } finally {
      await shop.close();
    }
  });

  const hold = async (from = shop) =>
    (await json<ReservationJson>(from.reserve(BUYER, { [product]: 1 }), 201)).id;
  const end = (id: string, how: string, from = shop) =>
    from.ask('POST', `/api/reservations/${id}/${how}`, { as: BUYER });
  const count = async (table: string) => {
    const [row] = await shop.sql.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`);
    return row?.n;
  };
  const soldLines = () =>
    acrossParts<{ id: string }>(
      shop.sql,
      (part) => `SELECT reservation_id AS id FROM ${part}ledger WHERE kind = 'sold'`,
      [],
    );
  /** Processes that know of the switch, and one that has not looked again yet. */
  const switched = async () => {
    const late = await shop.another();
    await hold(late);
    await switchToMonths(shop.sql, shop.clock.now);
    return { late, early: await shop.another() };
  };

  test('after the switch new rows go to the tables of months, and processes that do not know it yet lose nothing', async () => {
    const { late, early } = await switched();
    const before = await hold(late);
    const after = await hold(early);
    expect([await count('reservations'), await count('monthly_reservations')]).toEqual([2, 1]);

    expect((await end(after, 'confirm', late)).status).toBe(200);
    expect((await end(before, 'confirm', early)).status).toBe(200);
    expect([await count('ledger'), await count('monthly_ledger')]).toEqual([2, 1]);

    const { items } = await json<{ items: ReservationJson[] }>(
      late.ask('GET', '/api/reservations', { as: BUYER }),
    );
    expect(items.map(({ id }) => id).slice(0, 2)).toEqual([after, before]);
    const ledger = await json<{ items: { kind: string }[] }>(
      late.ask('GET', `/api/products/${product}/ledger`, { as: STAFF }),
    );
    expect(ledger.items.map(({ kind }) => kind)).toEqual(['sold', 'sold', 'received']);
  });

  test('pages go through the tables of all parts once, newest first', async () => {
    const ids = [await hold(), await hold()];
    const { early } = await switched();
    for (let n = 0; n < 3; n++) ids.push(await hold(early));
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await json<{ items: ReservationJson[]; next?: string }>(
        early.ask('GET', `/api/reservations?limit=2${after}`, { as: BUYER }),
      );
      seen.push(...page.items.map(({ id }) => id));
      if (page.next === undefined) break;
      after = `&after=${page.next}`;
    }
    expect(seen.length).toBe(6);
    expect(seen.filter((id) => ids.includes(id))).toEqual(ids.toReversed());
  });

  test('a reservation is sold once by many confirmations at once, though no unique key says so', async () => {
    const { late, early } = await switched();
    const processes = [late, early, await shop.another()];
    const ids = [await hold(late), await hold(early), await hold(early)];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        end(ids[n % 3] as string, n % 10 === 9 ? 'release' : 'confirm', processes[n % processes.length]),
      ),
    );
    const confirmed = ids.filter((_, at) => answers.some(({ status }, n) => n % 3 === at && status === 200));
    expect(confirmed).toHaveLength(3);
    expect(Object.keys(tally(answers)).every((status) => ['200', '409'].includes(status))).toBe(true);
    const sold = (await soldLines()).map(({ id }) => id);
    expect(new Set(sold).size).toBe(sold.length);
    if (engine.name !== 'SQLite') {
      const keys = await shop.sql.query<{ name: string }>(
        `SELECT DISTINCT INDEX_NAME AS name FROM information_schema.STATISTICS
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'monthly_ledger' AND NON_UNIQUE = 0`,
      );
      expect(keys).toEqual([{ name: 'PRIMARY' }]);
    }
  });

  test('a process that looked before the switch follows it within a minute', async () => {
    await shop.sql.execute('DELETE FROM archive_state');
    let now = 0;
    const newRows = createNewRows(shop.sql, () => now);
    expect(await newRows()).toBe('');
    await switchToMonths(shop.sql, 1);
    now = 59_999;
    expect(await newRows()).toBe('');
    now = 60_000;
    expect(await newRows()).toBe('monthly_');
  });

  test('the sweeper ends what expired in the tables of both', async () => {
    const { late, early } = await switched();
    await hold(late);
    await hold(early);
    shop.clock.now += 16 * 60_000;
    expect(await shop.sweep()).toBe(3);
    expect(await shop.sweep()).toBe(0);
  });

  test('a user is forgotten in the tables of all parts', async () => {
    const { late, early } = await switched();
    await hold(late);
    await end(await hold(early), 'confirm', early);
    await early.stock.write(product, { kind: 'received', quantity: 1, reason: null }, BUYER, randomUUID());
    await early.forgetUser(BUYER);
    for (const rows of ['reservations', 'ledger']) {
      const left = await acrossParts(shop.sql, (part) => `SELECT id FROM ${part}${rows} WHERE user_id = ?`, [
        BUYER,
      ]);
      expect(left).toEqual([]);
    }
  });

  test('opening a reservation from before the kept time says where it is', async () => {
    const start = Date.UTC(2026, 5, 1);
    await setKeptFrom(shop.sql, start);
    const open = (id: string) => shop.ask('GET', `/api/reservations/${id}`, { as: BUYER });
    const gone = `${idFloor(start - 1)}-7000-8000-000000000000`;
    expect(await json(open(gone), 410)).toMatchObject({
      type: expect.stringContaining('archived-reservation'),
      detail: expect.stringContaining('2026-06-01'),
    });
    expect((await open(`${idFloor(start)}-7000-8000-000000000000`)).status).toBe(404);
  });
});
