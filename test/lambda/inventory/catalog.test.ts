import { uuidv7 } from 'uuidv7';
import { card } from '../../../lambda/inventory/product';
import { insertRows } from '../../../lambda/inventory/rows';
import type { SqlValue } from '../../../lambda/shared/sql';
import { engines } from '../../support/engines';
import { closeShops, customer, json, MUG, openShop, type Shop, STAFF } from './shop';

interface ListJson {
  readonly items: { id: string; name: string; available: number }[];
  readonly next?: string;
}

interface ProductJson {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly available: number;
}

describe.each(engines())('the catalog on $name', (engine) => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop(engine);
  });
  afterEach(() => shop.close());
  afterAll(() => closeShops(engine));

  const list = (query = '') => json<ListJson>(shop.ask('GET', `/api/products${query}`));
  const ids = async (query = '') => (await list(query)).items.map(({ id }) => id);
  const get = (id: string, headers = {}) => shop.ask('GET', `/api/products/${id}`, { headers });
  const edit = (id: string, tag: string | undefined, body: unknown, as = STAFF) =>
    shop.ask('PATCH', `/api/products/${id}`, { as, body, ...(tag && { headers: { 'If-Match': tag } }) });

  /** All pages of a list; `between` runs after each. */
  const walk = async (query: string, between: (seen: string[]) => Promise<void>) => {
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { items, next } = await list(`?limit=3${query}${after}`);
      seen.push(...items.map(({ id }) => id));
      if (next === undefined) return seen;
      after = `&after=${next}`;
      await between(seen);
    }
  };

  test('gives a product that staff added, under its Location', async () => {
    const added = await shop.ask('POST', '/api/products', { as: STAFF, body: MUG });
    const product = await json<ProductJson>(added, 201);
    expect(product).toMatchObject({ ...MUG, version: 1, available: 0 });
    expect(added.headers.get('etag')).toBe('"1-0"');
    const read = await shop.ask('GET', added.headers.get('location') ?? '');
    expect(await json(read)).toEqual(product);
    expect(read.headers.get('etag')).toBe('"1-0"');
    expect(read.headers.get('cache-control')).toBe('public, max-age=2, stale-while-revalidate=10');
  });

  test('answers 304 to who has the bytes, and new bytes once a sale changed what is available', async () => {
    const id = await shop.add({}, 5);
    const tag = (await get(id)).headers.get('etag') ?? '';
    const again = await get(id, { 'If-None-Match': tag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    await shop.reserve(customer(1), { [id]: 2 });
    expect(await json<ProductJson>(get(id, { 'If-None-Match': tag }))).toMatchObject({ available: 3 });
  });

  test('shows who just wrote what they wrote, whichever process answers, and lets nobody keep that answer', async () => {
    const reading = await shop.another();
    const fresh = { 'X-Fresh': '1' };
    const id = await shop.add({}, 5);
    const read = async (path: string, headers?: Record<string, string>) => {
      const answer = await reading.ask('GET', path, { headers });
      return { text: await answer.text(), kept: answer.headers.get('cache-control') };
    };
    const paths = ['/api/categories', '/api/products', `/api/products/${id}`];
    const before = await Promise.all(paths.map((path) => read(path)));
    await json(edit(id, '*', { name: 'Teapot', category: 'tea' }));
    expect(await Promise.all(paths.map((path) => read(path)))).toEqual(before);
    for (const path of paths) {
      const { text, kept } = await read(path, fresh);
      expect([path, text, kept]).toEqual([path, expect.stringContaining('tea'), 'private, no-store']);
      // What was loaded for one is there for all.
      const { text: afterwards, kept: usual } = await read(path);
      expect([afterwards, usual]).toEqual([text, expect.stringMatching(/^public/)]);
    }
    const nothing = await read('/api/products/0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a12', fresh);
    expect(nothing.kept).toBe('private, no-store');
  });

  test('answers 404 for what does not exist and 400 for what is no id', async () => {
    expect((await get('0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11')).status).toBe(404);
    expect((await get('17')).status).toBe(400);
  });

  test('is edited by who saw the latest version; a sale in between is no conflict', async () => {
    const id = await shop.add({}, 5);
    const tag = (await get(id)).headers.get('etag') ?? '';
    await shop.reserve(customer(1), { [id]: 1 });
    const edited = await edit(id, tag, { name: 'Tea mug' });
    expect(await json<ProductJson>(edited)).toMatchObject({ name: 'Tea mug', version: 2, available: 4 });
    expect(edited.headers.get('etag')).toBe('"2-4"');
    expect(await json(edit(id, tag, { name: 'Late' }), 412)).toMatchObject({ type: 'changed-meanwhile' });
    expect(await json(edit(id, undefined, { name: 'Blind' }), 428)).toMatchObject({
      type: 'if-match-needed',
    });
    expect(await json<ProductJson>(get(id))).toMatchObject({ name: 'Tea mug', version: 2 });
  });

  test('takes one of many edits of the same version that come at once', async () => {
    const id = await shop.add();
    const other = await shop.another();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? other : shop).ask('PATCH', `/api/products/${id}`, {
          as: STAFF,
          body: { name: `Name ${n}` },
          headers: { 'If-Match': '"1"' },
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
    const winner = await json<ProductJson>(answers.find(({ status }) => status === 200) as Response);
    expect(winner.version).toBe(2);
    expect((await list('?q=name')).items).toMatchObject([{ name: winner.name }]);
  });

  test('lets staff alone change it', async () => {
    const id = await shop.add();
    expect((await shop.ask('POST', '/api/products', { body: MUG })).status).toBe(401);
    expect(
      (await shop.ask('POST', '/api/products', { body: MUG, as: 'nobody-00000000000000000' })).status,
    ).toBe(401);
    expect((await shop.ask('POST', '/api/products', { body: MUG, as: customer(1) })).status).toBe(403);
    expect((await edit(id, '"1"', { name: 'Mine' }, customer(1))).status).toBe(403);
    expect((await list()).items).toHaveLength(1);
  });

  test('lists newest first, each with what is available now', async () => {
    const mug = await shop.add({}, 3);
    const pot = await shop.add({ name: 'Tea pot', category: 'tea' });
    expect((await list()).items).toEqual([
      { id: pot, category: 'tea', name: 'Tea pot', price: MUG.price, picture: null, available: 0 },
      { id: mug, category: 'kitchen', name: 'Coffee mug', price: MUG.price, picture: null, available: 3 },
    ]);
  });

  test('shows what is there all the while exactly once, whatever changes between the pages', async () => {
    const there: string[] = [];
    for (let n = 0; n < 10; n++) there.unshift(await shop.add({ name: `Mug ${n}` }));
    const seen = await walk('', async (soFar) => {
      await shop.add({ name: 'Newcomer' });
      const last = soFar.at(-1) ?? '';
      await shop.catalog.edit(last, () => true, {
        name: 'Aaa, sorted first if names decided',
        price: { amount: 1, currency: 'USD' },
      });
      await shop.catalog.edit(there.at(-1) ?? '', () => true, { name: `Zzz ${soFar.length}` });
    });
    expect(seen).toEqual(there);
  });

  test('pages through a category and a search alike, also when their last one leaves between the pages', async () => {
    const kept: string[] = [];
    for (let n = 0; n < 7; n++)
      kept.unshift(await shop.add({ name: `Mug ${n}`, category: n % 2 ? 'a' : 'b' }));
    expect(await walk('&category=b', async () => {})).toEqual(kept.filter((_, n) => n % 2 === 0));
    const seen = await walk('&q=mu', async (soFar) => {
      await shop.catalog.edit(soFar.at(-1) ?? '', () => true, { name: 'Cup', category: 'c' });
    });
    expect(seen).toEqual(kept);
  });

  test('finds by all words, the last one begun, in name, category and description, folded', async () => {
    const creme = await shop.add({ name: 'Crème brûlée dish', category: 'Küche', description: 'Weiß, groß' });
    const mug = await shop.add();
    const mugs = await shop.add({ name: 'Mugs, a set' });
    expect(await ids('?q=creme')).toEqual([creme]);
    expect(await ids('?q=KUCHE+WEISS')).toEqual([creme]);
    expect(await ids('?q=stoneware+mu')).toEqual([mugs, mug]);
    expect(await ids('?q=mug')).toEqual([mugs, mug]);
    expect(await ids('?q=mug+coffee')).toEqual([mug]);
    expect(await ids('?q=coffee+cup')).toEqual([]);
    expect(await ids('?q=%21%3F')).toEqual([]);
    expect(await ids('?q=')).toEqual([mugs, mug, creme]);
    expect(await ids(`?q=mug&category=${encodeURIComponent('Küche')}`)).toEqual([]);
  });

  test('finds the same whether words are rare or common, page by page', async () => {
    const products = Array.from({ length: 1200 }, (_, n) => ({
      id: uuidv7(),
      category: n % 2 ? 'odd' : 'even',
      words: ['shop', `third${n % 3}`, `n${n}`, ...(n % 100 === 0 ? ['seldom'] : [])],
    }));
    await shop.sql.transaction(async (tx) => {
      const rows = products.map(({ id, category }): SqlValue[] => [
        id,
        category,
        card({ ...MUG, id, category, version: 1, createdAt: 0, updatedAt: 0 }),
      ]);
      await insertRows(tx, 'listings (product_id, category, card)', rows);
      await insertRows(
        tx,
        'stock (product_id, on_hand, reserved)',
        products.map(({ id }) => [id, 0, 0]),
      );
      const words = products.flatMap(({ id, words }) => words.map((word): SqlValue[] => [word, id]));
      await insertRows(tx, 'product_words (word, product_id)', words);
    });
    const found = (matches: (words: string[]) => boolean, of?: string) =>
      products
        .filter(({ words, category }) => matches(words) && (of ?? category) === category)
        .map(({ id }) => id);
    const has = (word: string) => (words: string[]) => words.includes(word);
    const seen = async (query: string) => {
      const all: string[] = [];
      for (let after = ''; ; ) {
        const { items, next } = await list(`?limit=100${query}${after}`);
        all.unshift(...items.map(({ id }) => id).reverse());
        if (next === undefined) return all;
        after = `&after=${next}`;
      }
    };
    expect(await seen('&q=sho')).toEqual(found(has('shop')));
    expect(await seen('&q=shop+thi')).toEqual(found(() => true));
    expect(await seen('&q=shop+seld')).toEqual(found(has('seldom')));
    expect(await seen('&q=third1+seldom+shop&category=even')).toEqual(
      found((words) => has('third1')(words) && has('seldom')(words), 'even'),
    );
    expect(await seen('&q=third2+s&category=odd')).toEqual(found(has('third2'), 'odd'));
    expect(await seen('&q=shop+n110')).toEqual(
      found((words) => words.some((word) => word.startsWith('n110'))),
    );
  });

  test('is found by its new words after an edit, and by its old ones no more', async () => {
    const id = await shop.add();
    await shop.catalog.edit(id, () => true, { name: 'Tea cup' });
    expect(await ids('?q=cup')).toEqual([id]);
    expect(await ids('?q=mug')).toEqual([]);
    expect(await ids('?q=stoneware')).toEqual([id]);
  });

  test('keeps list row and words true to the product through edits, and neither when an edit fails', async () => {
    const id = await shop.add();
    for (const name of ['Tea mug', 'Mug', 'Kettle 2']) await shop.catalog.edit(id, () => true, { name });
    await shop.catalog.edit(id, () => false, { name: 'Refused' }).catch(() => undefined);
    const [row] = await shop.sql.query<{ category: string; card: string }>(
      'SELECT category, card FROM listings',
    );
    const { id: _, ...shown } = JSON.parse(row?.card ?? '{}');
    expect(row?.category).toBe('kitchen');
    expect(shown).toEqual({ ...(({ description: _d, ...rest }) => rest)(MUG), name: 'Kettle 2' });
    expect(row?.card).toBe(card({ ...MUG, name: 'Kettle 2', id, version: 4, createdAt: 0, updatedAt: 0 }));
    const words = await shop.sql.query<{ word: string }>('SELECT word FROM product_words ORDER BY word');
    expect(words.map(({ word }) => word)).toEqual([
      '2',
      '350',
      'holds',
      'kettle',
      'kitchen',
      'ml',
      'stoneware',
    ]);
  });

  test('counts the products of each category', async () => {
    await shop.add({ category: 'tea' });
    await shop.add();
    await shop.add({ category: 'tea' });
    expect(await json(shop.ask('GET', '/api/categories'))).toEqual({
      items: [
        { category: 'kitchen', products: 1 },
        { category: 'tea', products: 2 },
      ],
    });
  });

  test('takes text of any script, and refuses what is not of the form', async () => {
    const name = '湯呑み 🍵 чашка كوب';
    const id = await shop.add({ name, description: `${'ж'.repeat(4000)}\n\t"quoted" \\ end` });
    expect(await json<ProductJson>(get(id))).toMatchObject({ name });
    expect(await ids(`?q=${encodeURIComponent('чаш')}`)).toEqual([id]);
    const refused = async (body: unknown) =>
      (await shop.ask('POST', '/api/products', { as: STAFF, body })).status;
    for (const wrong of [
      { ...MUG, name: '' },
      { ...MUG, name: 'a\u0000b' },
      { ...MUG, name: 'half \ud800' },
      { ...MUG, price: { amount: 12.5, currency: 'USD' } },
      { ...MUG, price: { amount: -1, currency: 'USD' } },
      { ...MUG, price: { amount: 1, currency: 'usd' } },
      { ...MUG, picture: 'javascript:alert(1)' },
      { ...MUG, picture: '//elsewhere.example/x.png' },
      { ...MUG, id: 'mine' },
      '{',
      [],
    ]) {
      expect([wrong, await refused(wrong)]).toEqual([wrong, 400]);
    }
    for (const query of [
      '?limit=0',
      '?limit=101',
      '?limit=x',
      '?after=x',
      '?category=',
      `?q=${'x'.repeat(101)}`,
    ]) {
      expect([query, (await shop.ask('GET', `/api/products${query}`)).status]).toEqual([query, 400]);
    }
    expect((await edit(id, '"1"', {})).status).toBe(400);
  });
});
