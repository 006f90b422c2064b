import { uuidv7 } from 'uuidv7';
import { insertRows } from '../../../../lambda/shared/sql/bulk-sql';
import { engines } from '../../../support/engines';
import { json, openShop, type Shop } from '../shop';

interface CategoriesJson {
  readonly items: { category: string; products: number }[];
  readonly next?: string;
}

describe.each(engines())('categories on $name', (engine) => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop(engine);
  });

  const fill = (sizes: Readonly<Record<string, number>>) =>
    shop.sql.transaction((tx) =>
      insertRows(
        tx,
        'listings (product_id, category, card)',
        Object.entries(sizes).flatMap(([category, size]) =>
          Array.from({ length: size }, () => [uuidv7(), category, '{}']),
        ),
      ),
    );
  const read = (query = '') => json<CategoriesJson>(shop.ask('GET', `/api/categories${query}`));

  test('are counted exactly below a thousand products, whatever their neighbours have', async () => {
    const sizes = { a: 3, b: 998, c: 1, d: 999, e: 1000, f: 2, g: 1500, h: 400, i: 700, k: 1 };
    await fill(sizes);
    const items = Object.entries(sizes).map(([category, size]) => ({
      category,
      products: Math.min(size, 1000),
    }));
    expect(await read()).toEqual({ items });
  });

  test('come in pages of a hundred by name, and the last page says that it is', async () => {
    const names = Array.from({ length: 205 }, (_, n) => `shelf ${n}`).sort();
    await fill(Object.fromEntries(names.map((name, n) => [name, 1 + (n % 7)])));
    const seen: CategoriesJson['items'] = [];
    const sizes: number[] = [];
    for (let query = ''; ; ) {
      const { items, next } = await read(query);
      seen.push(...items);
      sizes.push(items.length);
      if (next === undefined) break;
      query = `?after=${encodeURIComponent(next)}`;
    }
    expect(sizes).toEqual([100, 100, 5]);
    expect(seen).toEqual(names.map((category, n) => ({ category, products: 1 + (n % 7) })));
  });

  test('are none in an empty shop, and an empty name is refused', async () => {
    expect(await read()).toEqual({ items: [] });
    expect((await shop.ask('GET', '/api/categories?after=')).status).toBe(400);
  });
});
