import { auditStock } from '../../../../lambda/inventory/stock/stock-audit';
import { openMysql } from '../../../../lambda/shared/sql/mysql';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { closing } from '../../../support/cleanup';
import { answering, type DatabaseServer } from '../../../support/database-server';
import { describeServers, type Engine } from '../../../support/engines';
import { COMMIT, type FreezableProxy, startFreezableProxy } from '../../../support/freezable-proxy';
import { ROUNDS } from '../../../support/rounds';
import { until } from '../../../support/until';
import { recorded, type StockHistory } from '../recorded';
import { customer, json, openShop, type Shop, STAFF } from '../shop';

interface ReservationJson {
  readonly id: string;
  readonly status: string;
}

const PIECES = 100_000;

describeServers('reservations while the database fails', (shared) => {
  let server: DatabaseServer;
  let engine: Engine;
  beforeAll(async () => {
    server = shared.launch();
    await answering(server.socket);
    engine = shared.on(server);
  });

  const made = async ({ sql }: Shop, as: string): Promise<string[]> =>
    (await sql.query<{ id: string }>('SELECT id FROM reservations WHERE user_id = ?', [as])).map(
      ({ id }) => id,
    );

  describe('of which a COMMIT was lost', () => {
    let line: FreezableProxy;
    let far: Sql;
    let shop: Shop;
    let history: StockHistory;
    let id: string;
    beforeEach(async () => {
      line = await startFreezableProxy(server.socket);
      const { pathname } = new URL((await openShop(engine)).url);
      far = closing(openMysql(`mysql://root@127.0.0.1:${line.port}${pathname}`));
      ({ shop, history } = recorded(await openShop(engine, { sql: far })));
      id = await shop.add({}, 10);
    });
    afterEach(async () => {
      try {
        expect(await auditStock(shop.sql)).toEqual([]);
        expect(history.faults()).toEqual([]);
      } finally {
        await far.close();
        await line.close();
      }
    });

    const stock = () => json(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF }));
    const unknown = async (answer: Promise<Response>) => {
      const response = await answer;
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
      const detail = expect.stringContaining('the same Idempotency-Key');
      expect(await response.json()).toMatchObject({ type: 'outcome-unknown', detail });
    };

    test.each([
      ['before', 201],
      ['after', 200],
    ] as const)(
      '%s it was done: who asks again with the same key has one reservation',
      async (when, status) => {
        const reserve = () => shop.reserve(customer(1), { [id]: 2 }, 'one-key-0001');
        line.cutAt(COMMIT, when);
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
        line.cutAt(COMMIT, when);
        await unknown(confirm());
        expect(await json(confirm())).toMatchObject({ status: 'confirmed' });
        expect(await stock()).toMatchObject({ onHand: 8, reserved: 0 });
      },
    );
  });

  test('gives each of many buyers, who repeat temporary refusals, exactly the acknowledged reservation', async () => {
    const { shop, history } = recorded(await openShop(engine));
    const other = await shop.another();
    const id = await shop.add({}, PIECES);
    const told = new Map<string, string>();
    const refusals = new Map<string, number>();
    let next = 0;
    let over = false;

    const buyer = async () => {
      while (!over) {
        const n = ++next;
        await until(async () => {
          const through = n % 2 ? shop : other;
          const answer = await through.reserve(customer(n), { [id]: 1 }, `key-of-${customer(n)}`);
          const body = (await answer.json()) as ReservationJson & { type: string };
          if (answer.status < 300) {
            told.set(customer(n), body.id);
            return true;
          }
          // Only refusals that allow a repetition.
          expect(['database-unavailable', 'outcome-unknown']).toContain(body.type);
          expect(answer.headers.get('retry-after')).toBe('1');
          refusals.set(body.type, (refusals.get(body.type) ?? 0) + 1);
          return false;
        });
      }
    };
    /** Sees the reservations of which buyers were told, also right after a failure. */
    const look = () => shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF });
    const looker = async () => {
      while (!over) {
        await look();
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const buying = Promise.all([...Array.from({ length: 20 }, buyer), looker()]).finally(() => {
      over = true;
    });
    buying.catch(() => undefined);
    const refused = () => refusals.get('database-unavailable') ?? 0;
    try {
      for (let round = 0; round < 1 + ROUNDS; round++) {
        const before = told.size;
        await until(() => over || told.size >= before + 150);
        await server.kill();
        // Once for longer than requests are held back.
        if (round === 1) await until(() => over || refused() > 0);
        await server.restart();
      }
    } finally {
      over = true;
      await buying;
    }
    expect(refused()).toBeGreaterThan(0);

    const rows = await shop.sql.query<{ id: string; userId: string }>(
      'SELECT id, user_id AS userId FROM reservations',
    );
    expect(new Map(rows.map(({ id: reservation, userId }) => [userId, reservation]))).toEqual(told);
    expect(rows).toHaveLength(told.size);
    expect((await look()).status).toBe(200);
    expect(history.faults()).toEqual([]);
    expect(await auditStock(shop.sql)).toEqual([]);
  });
});
