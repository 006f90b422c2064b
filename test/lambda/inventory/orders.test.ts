import { createLog } from '../../../lambda/shared/runtime/log';
import { engines } from '../../support/engines';
import { customer, json, openShop, STAFF } from './shop';

interface Order {
  readonly id: string;
  readonly status: string;
  readonly buyer: { readonly id: string; readonly name?: string } | null;
}
interface Page {
  readonly items: Order[];
  readonly next?: string;
}

describe.each(engines())('the orders of all customers, on $name', (engine) => {
  test('are for staff, newest first, with the present names of their buyers', async () => {
    const asked: string[][] = [];
    const namesOf = async (ids: string[]) => {
      asked.push(ids);
      return { [customer(1)]: 'Ada', [customer(2)]: 'Grace' };
    };
    const shop = await openShop(engine, { namesOf });
    const mug = await shop.add({}, 100);
    for (const n of [1, 2, 2, 3]) await json(shop.reserve(customer(n), { [mug]: 1 }), 201);
    await shop.forgetUser(customer(3));

    expect((await shop.ask('GET', '/api/orders', { as: customer(1) })).status).toBe(403);
    expect((await shop.ask('GET', '/api/orders')).status).toBe(401);
    const first = await json<Page>(shop.ask('GET', '/api/orders?limit=3', { as: STAFF }));
    const second = await json<Page>(
      shop.ask('GET', `/api/orders?limit=3&after=${first.next}`, { as: STAFF }),
    );
    expect([...first.items, ...second.items].map(({ buyer }) => buyer)).toEqual([
      null,
      { id: customer(2), name: 'Grace' },
      { id: customer(2), name: 'Grace' },
      { id: customer(1), name: 'Ada' },
    ]);
    expect(second.next).toBeUndefined();
    // Each buyer once a page.
    expect(asked).toEqual([[customer(2)], [customer(1)]]);
  });

  test('are shown without names while nobody answers for these', async () => {
    const namesOf = async () => {
      throw new Error('The user service is away');
    };
    const lines: object[] = [];
    const log = createLog({ write: (line: string) => void lines.push(JSON.parse(line)) });
    const shop = await openShop(engine, { namesOf, log });
    const mug = await shop.add({}, 100);
    await json(shop.reserve(customer(1), { [mug]: 1 }), 201);
    const { items } = await json<Page>(shop.ask('GET', '/api/orders', { as: STAFF }));
    expect(items).toEqual([expect.objectContaining({ status: 'held', buyer: { id: customer(1) } })]);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'warn', msg: 'orders are shown without the names of buyers' }),
    ]);
  });
});
