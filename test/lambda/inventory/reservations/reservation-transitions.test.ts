import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { auditStock } from '../../../../lambda/inventory/stock/stock-audit';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { emptiedSchema } from '../../../support/emptied-schema';
import { engines } from '../../../support/engines';
import { noting } from '../../../support/statements';
import { customer, json, openShop, STAFF } from '../shop';

const MINUTE = 60_000;
const ME = customer(1);

describe.each(engines())('the end of reservations on $name', (engine) => {
  const schema = () => emptiedSchema(engine, 'inventory', inventoryMigrations);

  test('whose time is over takes as many statements for twenty as for one', async () => {
    const sent: string[] = [];
    const shop = await openShop(engine, { sql: noting(await schema(), (statement) => sent.push(statement)) });
    const id = await shop.add({}, 30);
    const reserve = (people: number) =>
      Promise.all(
        Array.from({ length: people }, (_, n) => json(shop.reserve(customer(n), { [id]: 1 }), 201)),
      );
    const statementsOfSweep = async (ended: number) => {
      shop.clock.now += 16 * MINUTE;
      sent.length = 0;
      expect(await shop.sweep()).toBe(ended);
      return sent.filter((statement) => !statement.includes('idempotency')).length;
    };
    await reserve(1);
    const forOne = await statementsOfSweep(1);
    await reserve(20);
    expect(await statementsOfSweep(20)).toBe(forOne);
    expect(await json(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF }))).toMatchObject({
      reserved: 0,
    });
    await shop.close();
  });

  test('leaves out one that was confirmed since they were found, and ends the others', async () => {
    const sql = await schema();
    let meanwhile = async () => undefined as unknown;
    const overtaken: Sql = {
      ...sql,
      query: async (statement, values) => {
        const rows = await sql.query<never>(statement, values);
        if (statement.includes('SELECT id, status FROM')) await meanwhile();
        return rows;
      },
    };
    const shop = await openShop(engine, { sql: overtaken });
    const product = await shop.add({}, 9);
    const held: { readonly id: string }[] = [];
    for (const quantity of [1, 2, 3])
      held.push(await json<{ id: string }>(shop.reserve(ME, { [product]: quantity }), 201));
    const statusOf = async (id = '') => {
      const [row] = await sql.query<{ status: string }>('SELECT status FROM reservations WHERE id = ?', [id]);
      return row?.status;
    };
    meanwhile = async () => {
      meanwhile = async () => undefined;
      await json(shop.ask('POST', `/api/reservations/${held[1]?.id}/confirm`, { as: ME }));
    };
    await shop.forgetUser(ME);
    expect(await Promise.all(held.map(({ id }) => statusOf(id)))).toEqual([
      'released',
      'confirmed',
      'released',
    ]);
    expect(await auditStock(sql)).toEqual([]);
    await shop.close();
  });
});
