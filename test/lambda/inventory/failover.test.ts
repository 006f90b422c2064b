import { setTimeout as sleep } from 'node:timers/promises';
import { checkStock } from '../../../lambda/inventory/check-stock';
import { openMysql } from '../../../lambda/shared/mysql';
import { LIMITS } from '../../../lambda/shared/mysql-connections';
import type { Sql } from '../../../lambda/shared/sql';
import { type Engine, mariaDb } from '../../support/engines';
import { type Line, lineTo } from '../../support/frozen';
import { hasMariaDb, type MariaDb, startMariaDb } from '../../support/mariadb';
import { closeShops, customer, json, openShop, type Shop, STAFF } from './shop';

interface ReservationJson {
  readonly id: string;
  readonly status: string;
}

(hasMariaDb() ? describe : describe.skip)('reservations while the database fails, on MariaDB', () => {
  let server: MariaDb;
  let engine: Engine;
  beforeAll(async () => {
    server = await startMariaDb();
    engine = mariaDb(server.socket);
  });
  afterAll(async () => {
    await closeShops(engine);
    await server.stop();
  });

  const made = async ({ sql }: Shop, as: string): Promise<string[]> =>
    (await sql.query<{ id: string }>('SELECT id FROM reservations WHERE user_id = ?', [as])).map(
      ({ id }) => id,
    );

  describe('of which a COMMIT was lost', () => {
    let line: Line;
    let far: Sql;
    let shop: Shop;
    let id: string;
    beforeEach(async () => {
      line = await lineTo(server.socket);
      const { pathname } = new URL((await openShop(engine)).url);
      const limits = { ...LIMITS, connect: 1000, statement: 700, wait: 1000, again: 500 };
      far = openMysql(`mysql://root@127.0.0.1:${line.port}${pathname}`, undefined, limits);
      shop = await openShop(engine, { sql: far });
      id = await shop.add({}, 10);
    });
    afterEach(async () => {
      expect(await checkStock(shop.sql)).toEqual([]);
      await far.close();
      await line.close();
    });

    const stock = () => json(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF }));
    const unknown = async (answer: Promise<Response>) => {
      const response = await answer;
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      const detail = expect.stringContaining('the same Idempotency-Key');
      expect(await response.json()).toMatchObject({ type: 'outcome-unknown', detail });
      line.thaw();
    };

    test.each([
      ['before', 201],
      ['after', 200],
    ] as const)(
      '%s it was done: who asks again with the same key has one reservation',
      async (when, status) => {
        const reserve = () => shop.reserve(customer(1), { [id]: 2 }, 'one-key-0001');
        line.freezeAt('\x03COMMIT', when);
        await unknown(reserve());
        const reservation = await json<ReservationJson>(reserve(), status);
        expect(await made(shop, customer(1))).toEqual([reservation.id]);
        expect(await stock()).toMatchObject({ onHand: 10, reserved: 2 });
      },
    );

    test.each(['before', 'after'] as const)(
      '%s it was done: who confirms again has bought once',
      async (when) => {
        const { id: reservation } = await json<ReservationJson>(shop.reserve(customer(1), { [id]: 2 }), 201);
        const confirm = () =>
          shop.ask('POST', `/api/reservations/${reservation}/confirm`, { as: customer(1) });
        line.freezeAt('\x03COMMIT', when);
        await unknown(confirm());
        expect(await json(confirm())).toMatchObject({ status: 'confirmed' });
        expect(await stock()).toMatchObject({ onHand: 8, reserved: 0 });
      },
    );
  });

  test('of many buyers, each of whom repeats what was refused for now, every one has what they were told', async () => {
    const shop = await openShop(engine);
    const other = await shop.another();
    const id = await shop.add({}, 100_000);
    const told = new Map<string, string>();
    const refusals = new Map<string, number>();
    let next = 0;
    let over = false;

    const buyer = async () => {
      while (!over) {
        const n = ++next;
        for (;;) {
          const through = n % 2 ? shop : other;
          const answer = await through.reserve(customer(n), { [id]: 1 }, `key-of-${customer(n)}`);
          const body = (await answer.json()) as ReservationJson & { type: string };
          if (answer.status < 300) {
            told.set(customer(n), body.id);
            break;
          }
          // Nothing but what says that it may be repeated.
          expect(['database-unavailable', 'outcome-unknown']).toContain(body.type);
          expect(answer.headers.get('retry-after')).toBe('1');
          refusals.set(body.type, (refusals.get(body.type) ?? 0) + 1);
          await sleep(20);
        }
      }
    };
    const buying = Promise.all(Array.from({ length: 20 }, buyer)).finally(() => {
      over = true;
    });
    for (let round = 0; round < 3; round++) {
      const before = told.size;
      while (!over && told.size < before + 150) await sleep(2);
      await server.kill();
      // Once for longer than requests are held back.
      await sleep(round === 1 ? 3500 : 200);
      await server.restart();
    }
    over = true;
    await buying;
    expect(refusals.get('database-unavailable') ?? 0).toBeGreaterThan(0);

    const rows = await shop.sql.query<{ id: string; userId: string }>(
      'SELECT id, user_id AS userId FROM reservations',
    );
    expect(new Map(rows.map(({ id: reservation, userId }) => [userId, reservation]))).toEqual(told);
    expect(rows).toHaveLength(told.size);
    expect(await checkStock(shop.sql)).toEqual([]);
    await shop.close();
  });
});
