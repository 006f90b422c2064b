import * as fc from 'fast-check';
import { rebuildLists } from '../../../../lambda/inventory/catalog/rebuild';
import { engines } from '../../../support/engines';
import { runs as rounds, SEED } from '../../../support/rounds';
import { json, openShop, type Shop } from '../shop';

const CATEGORIES = ['kitchen', 'garden', 'play'] as const;
const NAMES = ['Coffee mug', 'Tea pot', 'Garden chair', 'A red kite', 'Mug, red'] as const;

/** A step of a run: an edit by somebody of staff, a picture, another product, a rebuild, or damage that it must find. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('edit' as const), product: fc.nat(2), name: fc.constantFrom(...NAMES) }),
  fc.record({
    kind: fc.constant('move' as const),
    product: fc.nat(2),
    category: fc.constantFrom(...CATEGORIES),
  }),
  fc.record({ kind: fc.constant('picture' as const), product: fc.nat(2), number: fc.nat(3) }),
  fc.record({ kind: fc.constant('sale' as const), product: fc.nat(2), onSale: fc.boolean() }),
  fc.record({ kind: fc.constant('add' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ kind: fc.constant('rebuild' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

describe.each(engines())('the rows that lists and searches read, on $name', (engine) => {
  let shop: Shop;
  let processes: Shop[];

  beforeAll(async () => {
    shop = await openShop(engine);
    processes = [shop, await shop.another(), await shop.another()];
  });
  afterAll(() => shop.close());

  const difference = async () => (await rebuildLists(shop.sql, false)).differing;

  /** An edit of what was read before: a version that somebody changed meanwhile is refused, which is right. */
  const take = async (one: Step, process: Shop, ids: readonly string[]): Promise<void> => {
    const { catalog, sql } = process;
    switch (one.kind) {
      case 'edit':
        return refusedOrDone(catalog.edit(ids[one.product] ?? '', () => true, { name: one.name }));
      case 'move':
        return refusedOrDone(catalog.edit(ids[one.product] ?? '', () => true, { category: one.category }));
      case 'picture':
        return refusedOrDone(catalog.setPicture(ids[one.product] ?? '', `/photos/${one.number}/small.webp`));
      case 'sale':
        return refusedOrDone(catalog.edit(ids[one.product] ?? '', () => true, { onSale: one.onSale }));
      case 'add':
        await process.add({ name: one.name });
        return;
      case 'rebuild':
        expect((await rebuildLists(sql, true)).differing).toEqual([]);
    }
  };

  test(`F4: never differ from their products after any interleaving of changes, in three processes (SEED=${SEED})`, async () => {
    const ids = await Promise.all(NAMES.slice(0, 3).map((name) => shop.add({ name })));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 6 }),
        async (runs) => {
          for (const together of runs)
            await Promise.all(
              together.map((one, index) => take(one, processes[index % processes.length] as Shop, ids)),
            );
          expect(await difference()).toEqual([]);
        },
      ),
      rounds(15),
    );
  }, 120_000);

  test.each([
    ['a row that was lost', 'DELETE FROM listings WHERE product_id = ?'],
    ['a card of before', `UPDATE listings SET card = '{"id":"old"}' WHERE product_id = ?`],
    ['a category of before', "UPDATE listings SET category = 'old' WHERE product_id = ?"],
    ['words that were lost', 'DELETE FROM product_words WHERE product_id = ?'],
    ['a word too many', "INSERT INTO product_words (word, product_id) VALUES ('zebra', ?)"],
  ])('F4: %s is found, and written again by the rebuild alone', async (_, damage) => {
    const id = await shop.add({ name: 'Damaged chair', category: 'garden' });
    await shop.sql.execute(damage, [id]);
    expect(await difference()).toEqual([id]);
    expect((await rebuildLists(shop.sql, true)).differing).toEqual([id]);
    expect(await difference()).toEqual([]);
    const { items } = await json<{ items: { id: string }[] }>(
      shop.ask('GET', '/api/products?category=garden'),
    );
    expect(items.map((item) => item.id)).toContain(id);
  });

  test('F4: goes on after the last product where a call had no more time', async () => {
    for (let n = 0; n < 110; n++) await shop.add({ name: `Chair ${n}` });
    const first = await rebuildLists(shop.sql, true, { late: () => true });
    expect(first).toMatchObject({ products: 100, done: false, differing: [] });
    const rest = await rebuildLists(shop.sql, true, { after: first.after });
    expect(rest.done).toBe(true);
    const [row] = await shop.sql.query<{ n: number }>('SELECT COUNT(*) AS n FROM products');
    expect(first.products + rest.products).toBe(Number(row?.n));
  });
});

const refusedOrDone = (edit: Promise<unknown>): Promise<void> =>
  edit.then(
    () => undefined,
    ({ name }: Error) => {
      expect(name).toBe('ChangedMeanwhileError');
    },
  );
