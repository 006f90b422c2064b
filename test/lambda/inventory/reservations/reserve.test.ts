import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { emptiedSchema } from '../../../support/emptied-schema';
import { engines } from '../../../support/engines';
import { noting } from '../../../support/statements';
import { customer, json, openShop, type Shop, STAFF } from '../shop';

const [ME, SOMEBODY] = [customer(1), customer(2)];

describe.each(engines())('a request to reserve on $name', (engine) => {
  let shop: Shop;
  let sent: string[];
  beforeEach(async () => {
    sent = [];
    const schema = await emptiedSchema(engine, 'inventory', inventoryMigrations);
    shop = await openShop(engine, { sql: noting(schema, (statement) => sent.push(statement)) });
  });
  afterEach(() => shop.close());

  test('takes seven statements in its transaction, once its account has reserved before', async () => {
    const id = await shop.add({}, 5);
    await json(shop.reserve(ME, { [id]: 1 }), 201);
    sent.length = 0;
    await json(shop.reserve(ME, { [id]: 1 }), 201);
    expect(sent.map((statement) => statement.slice(0, 30))).toEqual([
      'UPDATE holders SET turns = tur',
      expect.stringMatching(/^SELECT/),
      expect.stringMatching(/^SELECT/),
      'INSERT INTO idempotency (id, u',
      'INSERT INTO reservations (id, ',
      'INSERT INTO reservation_items ',
      'UPDATE stock SET reserved = re',
    ]);
  });

  test('that is repeated is answered with its reservation, although nothing is left', async () => {
    const id = await shop.add({}, 2);
    const first = await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 201);
    expect(await json(shop.reserve(ME, { [id]: 2 }, 'my-key-000001'), 200)).toEqual(first);
    expect(await json(shop.reserve(SOMEBODY, { [id]: 2 }, 'my-key-000001'), 409)).toMatchObject({
      type: 'out-of-stock',
    });
  });

  test('that is repeated does not undo those that share its transaction', async () => {
    const [mug, cup] = [await shop.add({}, 9), await shop.add({}, 9)];
    const first = await json<{ id: string }>(shop.reserve(ME, { [mug]: 1 }, 'my-key-000001'), 201);
    // The first one is on its way when the others come, so they are the next batch.
    const asked = [
      shop.reserve(SOMEBODY, { [mug]: 1 }),
      shop.reserve(ME, { [mug]: 1 }, 'my-key-000001'),
      shop.reserve(ME, { [cup]: 1 }, 'my-key-000002'),
      shop.reserve(SOMEBODY, { [cup]: 1 }),
    ];
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 201, 201]);
    expect(await answers[1]?.json()).toMatchObject({ id: first.id });
    const reserved = async (id: string) =>
      (await json<{ reserved: number }>(shop.ask('GET', `/api/products/${id}/stock`, { as: STAFF })))
        .reserved;
    expect([await reserved(mug), await reserved(cup)]).toEqual([2, 2]);
  });
});
