import { uuidv7 } from 'uuidv7';
import { card } from '../../../../lambda/inventory/catalog/product';
import { rebuildLists } from '../../../../lambda/inventory/catalog/rebuild';
import { findProduct } from '../../../../lambda/inventory/catalog/repository';
import { createCatalog } from '../../../../lambda/inventory/catalog/service';
import { insertRows } from '../../../../lambda/shared/sql/bulk-sql';
import type { SqlValue } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';
import { customer, json, MUG, openShop, type Shop, STAFF } from '../shop';

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

  const list = (query = '') => json<ListJson>(shop.ask('GET', `/api/products${query}`));
  const ids = async (query = '') => (await list(query)).items.map(({ id }) => id);
  const found = (q: string) => ids(`?q=${encodeURIComponent(q)}`);
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
    expect(product).toMatchObject({
      ...MUG,
      version: 1,
      available: 0,
      everInStock: false,
      onSale: true,
      photos: [],
    });
    expect(added.headers.get('etag')).toBe('"1"');
    const read = await shop.ask('GET', added.headers.get('location') ?? '');
    expect(await json(read)).toEqual(product);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.headers.get('cache-control')).toBe('public, max-age=2, stale-while-revalidate=10');
  });

  test('makes one product for one Idempotency-Key, however often and at the same time it is asked', async () => {
    const add = (key: string, body: unknown = MUG) =>
      shop.ask('POST', '/api/products', { as: STAFF, body, headers: { 'Idempotency-Key': key } });
    const answers = await Promise.all([add('new-mug-1'), add('new-mug-1'), add('new-mug-1')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect((await add('new-mug-1', { ...MUG, name: 'Another mug' })).status).toBe(422);
    expect((await add('new-mug-2')).status).toBe(201);
    expect(await ids()).toHaveLength(2);
  });

  test('is in the lists as soon as it was added, with an Idempotency-Key or without one', async () => {
    const keyed = { headers: { 'Idempotency-Key': 'new-mug-3' } };
    for (const more of [{}, keyed]) {
      // From here on the process has a copy of the list.
      const before = await ids();
      const added = await shop.ask('POST', '/api/products', { as: STAFF, body: MUG, ...more });
      const { id } = await json<ProductJson>(added, 201);
      expect(await ids()).toEqual([id, ...before]);
    }
  });

  test('knows a product by its id in capitals, too', async () => {
    const id = await shop.add({}, 5);
    expect(await json<ProductJson>(await get(id.toUpperCase()))).toMatchObject({ id, available: 5 });
  });

  test.each([
    'https://pictures.example/mug.svg',
    '/\\evil.example/mug.svg',
    '//evil.example/mug.svg',
    'mug.svg',
  ])('refuses %s as a picture, which no page would show', async (picture) => {
    const answer = await shop.ask('POST', '/api/products', { as: STAFF, body: { ...MUG, picture } });
    expect(answer.status).toBe(400);
  });

  test('answers 304 to a client with the current bytes, and new bytes once a sale changed the stock', async () => {
    const id = await shop.add({}, 5);
    const tag = (await get(id)).headers.get('etag') ?? '';
    const again = await get(id, { 'If-None-Match': tag });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    await shop.reserve(customer(1), { [id]: 2 });
    expect(await json<ProductJson>(get(id, { 'If-None-Match': tag }))).toMatchObject({ available: 3 });
  });

  describe('for a client that changed something a moment ago', () => {
    const FRESH = { 'X-Fresh': '1', Cookie: 'a=b; wrote=ours' };
    const open = () => openShop(engine, { mayReadFresh: (cookie) => cookie === 'ours' });
    beforeEach(async () => {
      shop = await open();
    });

    test('shows its change, whichever process answers, in an answer that no cache may keep', async () => {
      const reading = await shop.another();
      const id = await shop.add({}, 5);
      const read = async (path: string, headers?: Record<string, string>) => {
        const answer = await reading.ask('GET', path, { headers });
        return { text: await answer.text(), kept: answer.headers.get('cache-control') };
      };
      const paths = ['/api/categories', '/api/products', `/api/products/${id}`];
      // From here on it has copies, for a second or more.
      await Promise.all(paths.map((path) => read(path)));
      await json(edit(id, '*', { name: 'Teapot', category: 'tea' }));
      for (const path of paths) {
        const { text, kept } = await read(path, FRESH);
        expect([path, text, kept]).toEqual([path, expect.stringContaining('tea'), 'private, no-store']);
        // A response that was loaded for one client is there for all.
        const { text: afterwards, kept: usual } = await read(path);
        expect([afterwards, usual]).toEqual([text, expect.stringMatching(/^public/)]);
      }
      const nothing = await read('/api/products/0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a12', FRESH);
      expect(nothing.kept).toBe('private, no-store');
    });

    test.each(['', 'wrote=theirs', 'wrote=', 'x=ours'])(
      'refuses the proxy that asks so for the cookie "%s", without a statement',
      async (cookie) => {
        const query = jest.spyOn(shop.sql, 'query');
        shop = await open();
        const id = await shop.add({}, 5);
        query.mockClear();
        for (const path of ['/api/categories', '/api/products?q=tea', `/api/products/${id}`]) {
          const answer = await shop.app.request(path, { headers: { ...FRESH, Cookie: cookie } });
          expect([answer.status, answer.headers.get('cache-control')]).toEqual([412, 'no-store']);
          expect(answer.headers.get('content-length')).toBe('0');
        }
        expect(query).not.toHaveBeenCalled();
        await shop.ask('GET', `/api/products/${id}`, { headers: FRESH });
        expect(query).toHaveBeenCalled();
        query.mockRestore();
      },
    );

    test('pays no attention to the cookie where no proxy asks', async () => {
      const answer = await shop.ask('GET', '/api/products', { headers: { Cookie: FRESH.Cookie } });
      expect(answer.headers.get('cache-control')).toMatch(/^public/);
    });
  });

  test('answers 404 for an unknown id and 400 for an invalid one', async () => {
    expect((await get('0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11')).status).toBe(404);
    expect((await get('17')).status).toBe(400);
  });

  test('is edited only on its latest version; a sale in between is no conflict', async () => {
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

  test('gets the picture of a photo that is ready, however many edits come at the same time', async () => {
    const id = await shop.add({}, 5);
    const catalog = createCatalog({ sql: shop.sql, now: Date.now, changed: async () => undefined });
    const edits = Array.from({ length: 6 }, (_, n) => edit(id, '*', { name: `Mug ${n}` }));
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => catalog.setPicture(id, `/media/${n}.webp`)));
    await Promise.all(edits);
    const found = await findProduct(shop.sql, id);
    expect(found?.product.picture).toMatch(/^\/media\/\d\.webp$/);
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
      {
        id: pot,
        category: 'tea',
        name: 'Tea pot',
        price: MUG.price,
        picture: null,
        available: 0,
        everInStock: false,
      },
      {
        id: mug,
        category: 'kitchen',
        name: 'Coffee mug',
        price: MUG.price,
        picture: null,
        available: 3,
        everInStock: true,
      },
    ]);
  });

  test('shows each product that stays exactly once, whatever changes between the pages', async () => {
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

  test('finds plurals, letters of other alphabets and words without spaces, and no other sound', async () => {
    const cup = await shop.add({ name: '陶瓷咖啡杯', category: 'カップ', description: '' });
    const bus = await shop.add({ name: 'バスタオル', category: 'bath', description: 'Made in Łódź' });
    const mugs = await shop.add({ name: 'Cookie jar and mugs', description: 'With a mouse' });
    for (const q of ['咖啡', '杯', '杯 陶瓷', '陶瓷咖啡杯', 'カップ'])
      expect([q, await found(q)]).toEqual([q, [cup]]);
    for (const q of ['バス', 'ﾊﾞｽ', 'lodz', 'LÓDŹ']) expect([q, await found(q)]).toEqual([q, [bus]]);
    for (const q of ['mug', 'mugs cookies', 'jars', 'cookie mug', 'mice'])
      expect([q, await found(q)]).toEqual([q, [mugs]]);
    for (const q of ['ハス', '咖杯', 'cooki mugsy']) expect([q, await found(q)]).toEqual([q, []]);
  });

  test('finds a product of an earlier release by its words as before, and by an edit or a rebuild in all ways', async () => {
    const id = await shop.add({ name: 'Cookies 咖啡杯', description: '' });
    const before = ['cookies', '咖啡杯', 'kitchen'];
    await shop.sql.execute('DELETE FROM product_words');
    await insertRows(
      shop.sql,
      'product_words (word, product_id)',
      before.map((word) => [word, id]),
    );
    expect(await found('cookies kitchen')).toEqual([id]);
    expect(await found('cookie jar')).toEqual([]);
    await shop.catalog.edit(id, () => true, { name: 'Cookie 咖啡杯' });
    for (const q of ['cookies', '咖啡']) expect([q, await found(q)]).toEqual([q, [id]]);
    expect((await rebuildLists(shop.sql, false)).differing).toEqual([]);
  });

  test('says of a product that nothing of it came yet, until the first units do, under another tag', async () => {
    const id = await shop.add();
    const before = await get(id);
    expect(await json(before)).toMatchObject({ available: 0, everInStock: false });
    await shop.stock.write(id, { kind: 'received', quantity: 2, reason: null }, STAFF, 'key-of-this-test');
    expect((await shop.reserve(customer(1), { [id]: 2 })).status).toBe(201);
    const after = await get(id, { 'If-None-Match': before.headers.get('etag') ?? '' });
    expect(await json(after)).toMatchObject({ available: 0, everInStock: true });
    expect((await list()).items).toMatchObject([{ id, available: 0, everInStock: true }]);
  });

  test('taken off sale it is in no list and no search, says so, and cannot be reserved; back on sale, it is as before', async () => {
    const id = await shop.add({ name: 'Tea cup' }, 5);
    const held = await json<{ id: string }>(shop.reserve(customer(1), { [id]: 1 }), 201);
    const off = await edit(id, '*', { onSale: false });
    expect(await json(off)).toMatchObject({ onSale: false, version: 2 });
    for (const query of ['', '?q=cup', '?category=kitchen', '?sort=price', '?sort=-price&category=kitchen'])
      expect([query, await ids(query)]).toEqual([query, []]);
    expect(await json(shop.ask('GET', '/api/categories'))).toEqual({ items: [] });
    expect(await json(get(id))).toMatchObject({ onSale: false, available: 4 });
    expect(await json(shop.reserve(customer(2), { [id]: 1 }), 409)).toMatchObject({
      type: 'not-on-sale',
      productIds: [id],
    });
    // The product was promised to this buyer.
    await json(shop.ask('POST', `/api/reservations/${held.id}/confirm`, { as: customer(1) }));
    await edit(id, '*', { name: 'Tea bowl' });
    expect(await json(shop.ask('GET', '/api/off-sale', { as: STAFF }))).toEqual({
      items: [{ id, category: 'kitchen', name: 'Tea bowl', price: MUG.price, picture: null }],
    });
    expect((await rebuildLists(shop.sql, false)).differing).toEqual([]);

    await json(edit(id, '*', { onSale: true }));
    for (const query of ['', '?q=bowls', '?category=kitchen', '?sort=price'])
      expect([query, await ids(query)]).toEqual([query, [id]]);
    expect(await json(shop.ask('GET', '/api/off-sale', { as: STAFF }))).toEqual({ items: [] });
    expect((await shop.reserve(customer(2), { [id]: 1 })).status).toBe(201);
  });

  test('lists by price in both directions, page by page, each once, also in a category', async () => {
    const prices = [500, 100, 500, 300, 100, 500, 900];
    const added: { id: string; amount: number; category: string }[] = [];
    for (const [n, amount] of prices.entries()) {
      const category = n % 2 ? 'odd' : 'even';
      added.push({ id: await shop.add({ price: { amount, currency: 'USD' }, category }), amount, category });
    }
    const nothing = async () => undefined;
    const cheapest = added.toSorted((a, b) => a.amount - b.amount || (a.id < b.id ? -1 : 1));
    expect(await walk('&sort=price', nothing)).toEqual(cheapest.map(({ id }) => id));
    expect(await walk('&sort=-price', nothing)).toEqual(cheapest.map(({ id }) => id).reverse());
    expect(await walk('&sort=price&category=even', nothing)).toEqual(
      cheapest.filter(({ category }) => category === 'even').map(({ id }) => id),
    );
    expect(await walk('&sort=newest', nothing)).toEqual(added.map(({ id }) => id).reverse());
  });

  test.each([
    ['sort=price&q=mug', 'query.sort'],
    ['sort=price&after=AZOlsHwefTqbHz8sj28KEQ', 'query.after'],
    ['after=AZOlsHwefTqbHz8sj28KEQ.100', 'query.after'],
    ['sort=name', 'query.sort'],
  ])('refuses %s, and says where', async (query, at) => {
    const refusal = await json<{ errors: { at: string }[] }>(shop.ask('GET', `/api/products?${query}`), 400);
    expect(refusal.errors.map((error) => error.at)).toEqual([at]);
  });

  test('finds the same whether words are rare or common, page by page', async () => {
    const products = Array.from({ length: 1200 }, (_, n) => ({
      id: uuidv7(),
      category: n % 2 ? 'odd' : 'even',
      // The most common word is missing here and there, also beside a rare one.
      words: [
        ...(n % 5 === 0 ? [] : ['shop']),
        ...[`third${n % 3}`, `n${n}`],
        ...(n % 100 === 0 || n % 50 === 2 ? ['seldom'] : []),
      ],
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
    const has =
      (...wanted: string[]) =>
      (words: string[]) =>
        wanted.every((word) => words.includes(word));
    const begins = (start: string) => (words: string[]) => words.some((word) => word.startsWith(start));
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
    expect(await seen('&q=shop+thi')).toEqual(found(has('shop')));
    expect(await seen('&q=shop+seld')).toEqual(found(has('shop', 'seldom')));
    expect(await seen('&q=third1+seldom+shop&category=even')).toEqual(
      found(has('third1', 'seldom', 'shop'), 'even'),
    );
    expect(await seen('&q=third2+s&category=odd')).toEqual(
      found((words) => has('third2')(words) && begins('s')(words), 'odd'),
    );
    expect(await seen('&q=shop+n110')).toEqual(found((words) => has('shop')(words) && begins('n110')(words)));
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
      'hold',
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
