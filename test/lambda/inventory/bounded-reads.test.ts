import fc from 'fast-check';
import { pino } from 'pino';
import { listCategories, listProducts } from '../../../lambda/inventory/catalog/product-listing';
import { ownReservations } from '../../../lambda/inventory/reservations/repository';
import { createTransitions } from '../../../lambda/inventory/reservations/reservation-transitions';
import { createInventory } from '../../../lambda/inventory/service';
import { createStock } from '../../../lambda/inventory/stock/service';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { openSql } from '../../../lambda/shared/sql/open';
import { fromCursor } from '../../../lambda/shared/sql/pagination';
import type { Sql, Statements } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { closing } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { type Cost, costOfEach, examined } from '../../support/examined';
import { conforming } from '../../support/openapi-conformance';
import { runs } from '../../support/rounds';
import { askEverything, isSearch } from './every-statement';
import {
  BUSY,
  createCatalog,
  createHistory,
  FEW_SHARES,
  idOf,
  manyWords,
  type Question,
  type Share,
  takeStockForSmall,
  truth,
} from './large-catalog';

const PRODUCTS = 200_000;
const SOME = 5000;
/** The most that any page may read, and the most that usual ones do. */
const MOST_ROWS = 40_000;
const FEW_ROWS = 4000;

const SHARES: readonly Share[] = [
  { word: 'every' },
  { word: 'even', every: 2 },
  { word: 'odd', every: 2, from: 1 },
  { word: 'mostly', every: 2, from: 1 },
  { word: 'mostly', every: 8000 },
  { word: 'oldest', to: SOME },
  { word: 'newest', from: PRODUCTS - SOME },
  { word: 'fortieth', every: 40 },
  { word: 'next', every: 40, from: 1 },
  // As plurals are indexed: by themselves and by the form that they share.
  { word: 'cups', every: 50 },
  { word: 'cup', every: 25 },
  { word: 'rare', every: PRODUCTS / 50 },
  ...manyWords('tone', { every: 64 }),
  ...manyWords('relic', { every: 32, to: SOME }),
  ...manyWords('sku', { every: PRODUCTS / 5 }),
];
const WORDS = [...new Set(SHARES.map(({ word }) => word))];
const matches = (question: Question) => truth(PRODUCTS, SHARES, question);

const questions: fc.Arbitrary<Question> = fc
  .record({
    words: fc.array(fc.constantFrom(...WORDS, 'nothing'), { minLength: 1, maxLength: 5 }),
    cut: fc.integer({ min: 1, max: 9 }),
    category: fc.constantFrom(undefined, undefined, 'attic', 'even shelf', 'odd shelf', 'no shelf'),
    before: fc.option(fc.nat(PRODUCTS), { nil: undefined }),
    limit: fc.constantFrom(1, 24, 100),
  })
  .map(({ words, cut, ...rest }) => ({
    words: [...words.slice(0, -1), words.at(-1)?.slice(0, cut) ?? ''],
    ...rest,
  }));

describe.each(engines())('with 200,000 products on $name', (engine) => {
  let sql: Sql;
  beforeAll(async () => {
    const { url, ...opened } = await engine.open('large');
    sql = opened;
    const maintenance = closing(await openSql(url, { use: 'maintenance' }));
    await createCatalog(maintenance, PRODUCTS, SHARES);
    await createHistory(maintenance, PRODUCTS);
    if (engine.name !== 'SQLite') await takeStockForSmall(maintenance);
    await maintenance.close();
  }, 600_000);

  const rowsOf = (work: (tx: Statements) => Promise<unknown>) =>
    sql.transaction((tx) => examined(engine.name, tx, work));

  const ask = async ({ words, category, before, limit = 24 }: Question) => {
    let page: { ids: string[]; next?: string } | undefined;
    const after = before === undefined ? undefined : idOf(before);
    const rows = await rowsOf(async (tx) => {
      try {
        const { items, ...next } = await listProducts(tx, { q: words.join(' '), category, after, limit });
        page = { ids: items.map(({ id }) => id), ...next };
      } catch (error) {
        if ((error as Error).name !== 'SearchTooBroadError') throw error;
      }
    });
    return { page, rows };
  };

  test('every search reads a bounded number of rows, and answers right', async () => {
    const asked = fc.asyncProperty(questions, async (question) => {
      const { page, rows } = await ask(question);
      expect(rows).toBeLessThan(MOST_ROWS);
      if (!page) return;
      const all = matches(question);
      // A page that has a next one may be short.
      expect(page.ids).toEqual(all.slice(0, page.next ? page.ids.length : question.limit));
      expect(page.ids.length === all.length || page.next !== undefined).toBe(true);
    });
    await fc.assert(asked, runs(40));
  });

  test.each([
    ['a word of all', { words: ['every'] }],
    ['a word of the oldest 5,000', { words: ['oldest'] }],
    ['a word of few', { words: ['rare'] }],
    ['the beginning of a word', { words: ['oldes'] }],
    ['a word of all with one of half', { words: ['every', 'even'] }],
    ['the same the other way round', { words: ['even', 'every'] }],
    ['a word of all with one of few', { words: ['every', 'rare'] }],
    ['a word of the newest with one of the oldest', { words: ['newest', 'oldest'] }],
    ['a beginning of many words', { words: ['tone'] }],
    ['a beginning of many words with few products', { words: ['sku'] }],
    ['a word that there is not', { words: ['even', 'nothing'] }],
    ['a word within a category of the oldest', { words: ['even'], category: 'attic' }],
    ['two words within it', { words: ['every', 'even'], category: 'attic' }],
    ['a beginning of many words within it', { words: ['tone'], category: 'attic' }],
  ])('%s: a page from few rows', async (_, question: Question) => {
    const { page, rows } = await ask(question);
    expect(page?.ids).toEqual(matches(question).slice(0, 24));
    expect(rows).toBeLessThan(FEW_ROWS);
  });

  test('two words of 5,000 products that never meet: nothing, for certain', async () => {
    const { page, rows } = await ask({ words: ['fortieth', 'next'] });
    expect(page).toEqual({ ids: [] });
    expect(rows).toBeLessThan(MOST_ROWS);
  });

  test.each([
    ['q=even+odd', /"even odd".*: add a rarer word, or ask within a category$/],
    ['q=even&category=odd+shelf', /"even".*: add a rarer word$/],
    ['q=relic', /"relic".*: write more of the last word, since more than 16 begin with "relic", or ask/],
  ])(
    '%s is refused when as much as may be read holds none, and says what to ask instead',
    async (query, says) => {
      const request = conforming(api(sql).request, '/api/inventory/openapi.json');
      const answer = await request(`/api/products?${query}`);
      expect(answer.status).toBe(422);
      expect(await answer.json()).toMatchObject({
        type: 'search-too-broad',
        detail: expect.stringMatching(says),
      });
    },
  );

  test('short pages lead to all that there is, each once', async () => {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { items, next } = await listProducts(sql, { q: 'even mostly', limit: 24, after });
      expect(items.length).toBeLessThan(24);
      seen.push(...items.map(({ id }) => id));
      if (next === undefined) break;
      after = fromCursor(next);
    }
    expect(seen).toEqual(matches({ words: ['even', 'mostly'] }));
  });

  test('a reader is answered before twelve searches are that never find anything', async () => {
    const { request } = api(sql);
    let searching = 12;
    const searches = Array.from({ length: searching }, async (_, n) => {
      const { status } = await request(`/api/products?q=even+odd&limit=${n + 1}`);
      searching--;
      return status;
    });
    expect((await request(`/api/products/${BUSY}`)).status).toBe(200);
    expect(searching).toBeGreaterThan(0);
    expect(await Promise.all(searches)).toEqual(Array(12).fill(422));
  });

  test.each([0, 1000, 30_000, 60_000, 90_000])(
    'a page of a list that starts %p products down: few rows',
    async (depth) => {
      const page = { limit: 100, after: idOf(PRODUCTS - depth) };
      const byPrice = { limit: 100, after: `${page.after}.0` };
      const lists: Record<string, (tx: Statements) => Promise<{ readonly items: readonly unknown[] }>> = {
        products: (tx) => listProducts(tx, page),
        category: (tx) => listProducts(tx, { ...page, category: 'even shelf' }),
        price: (tx) => listProducts(tx, { ...byPrice, sort: 'price' }),
        'price in a category': (tx) =>
          listProducts(tx, { ...byPrice, sort: 'price', category: 'even shelf' }),
        'price, high to low': (tx) =>
          listProducts(tx, { ...byPrice, after: `${page.after}.999`, sort: '-price' }),
        ledger: (tx) => stockKeeping(tx).ledger(BUSY, page),
        reservations: (tx) => ownReservations(tx, BUSY, page),
      };
      for (const [list, read] of Object.entries(lists)) {
        const rows = await rowsOf(async (tx) => expect((await read(tx)).items).toHaveLength(100));
        expect([list, rows, rows < FEW_ROWS]).toEqual([list, rows, true]);
      }
    },
  );

  test('the sweep of expired reservations reads few rows while many are held', async () => {
    const rows = await rowsOf(async (tx) => {
      // It would change the rows that it finds, in a separate transaction: there are none.
      const deps = { sql: tx as Sql, now: Date.now, newRows: async () => '' as const };
      const settling = createTransitions({ ...deps, changed: async () => undefined });
      expect(await settling.expireDue()).toBe(0);
    });
    expect(rows).toBeLessThan(10);
  });

  test('every statement of the API and of the work beside it reads about as much as with 1,000 products', async () => {
    const few = await engine.open('small');
    try {
      await createCatalog(few, 1000, FEW_SHARES);
      await createHistory(few, 1000);
      const left: unknown[] = [];
      const costs = (schema: Sql) =>
        costOfEach(engine.name, schema, async (recorded) =>
          left.push(...(await askEverything(recorded, BUSY))),
        );
      const [small, large] = [await costs(few), await costs(sql)];
      expect(left).toEqual([]);
      // A search goes another way where there are more products.
      const fixed = (costs: Map<string, Cost>) => [...costs.keys()].filter((each) => !isSearch(each)).sort();
      expect(fixed(large)).toEqual(fixed(small));
      expect(large.size).toBeGreaterThan(60);
      const wasteful = [...large].filter(([statement, cost]) => cost.examined > mostFor(statement, cost));
      const growing = [...large].filter(
        ([statement, { examined }]) =>
          !isSearch(statement) && examined > 2 * (small.get(statement)?.examined ?? 0) + SLACK,
      );
      expect({ wasteful, growing }).toEqual({ wasteful: [], growing: [] });
    } finally {
      await few.close();
    }
  });

  test('categories are counted up to a thousand products', async () => {
    const rows = await rowsOf(async (tx) =>
      expect(await listCategories(tx)).toEqual({
        items: ['attic', 'even shelf', 'odd shelf'].map((category) => ({ category, products: 1000 })),
      }),
    );
    expect(rows).toBeLessThan(10_000);
  });
});

/** For a statement that finds nothing, and for each row that one finds. */
const SLACK = 80;
const PER_ROW = 8;

const mostFor = (statement: string, { rows }: Cost): number =>
  isSearch(statement) ? FEW_ROWS : SLACK + PER_ROW * rows;

const api = (sql: Sql) =>
  createInventory({
    createPhotoWorker: createThumbnailWorker,
    sql,
    identify: async () => undefined,
    blobs: {} as Blobs,
    log: pino({ level: 'silent' }),
  }).app;

const stockKeeping = (tx: Statements) =>
  createStock({
    ...{ sql: tx as Sql, now: Date.now, keys: {} as never, newRows: async () => '' as const },
    changed: async () => undefined,
  });
