/**
 * Compares the search in a catalog of a million products with its former ways: milliseconds and rows read.
 * `npx tsx lab/bench/search.ts [products]`. Medians of interleaved rounds; a slow way is measured once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { listProducts } from '../../lambda/inventory/catalog/product-listing';
import { parseQuery } from '../../lambda/inventory/catalog/tokenizer';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql, Statements } from '../../lambda/shared/sql/sql';
import { createCatalog, type Share } from '../../test/lambda/inventory/large-catalog';
import { examined } from '../../test/support/examined';
import { hasMariaDb, startMariaDb } from '../../test/support/mariadb';

const ROUNDS = 15;
const SOME = 5000;
/** A way that took longer than this is not measured again. */
const PATIENCE_MS = 200;

const QUESTIONS: Record<string, { readonly q: string; readonly category?: string }> = {
  'a word of all': { q: 'every' },
  'a word of the oldest 5,000': { q: 'oldest' },
  'two words of all and of half': { q: 'every even' },
  'of all, within a category of the oldest 5,000': { q: 'every', category: 'attic' },
  'of the oldest 5,000 and of the newest': { q: 'oldest newest' },
  'of 5,000 each, side by side, never together': { q: 'some others' },
  'of half each, never together': { q: 'even odd' },
};

async function main(products: number): Promise<void> {
  const shares: Share[] = [
    { word: 'every' },
    { word: 'even', every: 2 },
    { word: 'odd', every: 2, from: 1 },
    { word: 'oldest', to: SOME },
    { word: 'newest', from: products - SOME },
    { word: 'some', every: products / SOME },
    { word: 'others', every: products / SOME, from: 1 },
  ];
  for (const [name, open] of Object.entries(engines())) {
    const { sql, stop } = await open();
    try {
      const started = performance.now();
      await createCatalog(sql, products, shares);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`${products} products on ${name}, made in ${seconds} s`);
      console.table(await measured(name, sql));
    } finally {
      await sql.close();
      await stop();
    }
  }
}

async function measured(name: string, sql: Sql) {
  const table: Record<string, Record<string, string>> = {};
  for (const [question, { q, category }] of Object.entries(QUESTIONS)) {
    const ways = {
      now: (tx: Statements) =>
        listProducts(tx, { q, category, limit: 24 }).catch(({ name: refusal }) => refusal),
      before: (tx: Statements) => oneByOne(tx, q, category),
    };
    const times: Record<keyof typeof ways, number[]> = { now: [], before: [] };
    const rows: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round++) {
      for (const way of ['now', 'before'] as const) {
        if ((times[way][0] ?? 0) > PATIENCE_MS) continue;
        rows[way] = await sql.transaction((tx) => examined(name, tx, ways[way]));
        const started = performance.now();
        await ways[way](sql);
        times[way].push(performance.now() - started);
      }
    }
    table[question] = {
      'now ms': median(times.now).toFixed(2),
      'before ms': median(times.before).toFixed(2),
      'now rows': `${rows.now}`,
      'before rows': `${rows.before}`,
    };
  }
  return table;
}

/** The former way for common words: goes through the newest products and looks each up in the words. */
function oneByOne({ query }: Statements, q: string, category: string | undefined): Promise<unknown> {
  const { whole, prefix } = parseQuery(q) ?? { whole: [], prefix: { from: '', to: '' } };
  const conditions = [
    ...(category === undefined ? [] : ['l.category = ?']),
    ...whole.map(() => 'w.word = ?').map(isWord),
    isWord('w.word >= ? AND w.word < ?'),
  ];
  return query(
    `SELECT l.product_id AS id, l.card, s.on_hand - s.reserved AS available
     FROM listings l JOIN stock s ON s.product_id = l.product_id
     WHERE ${conditions.join(' AND ')} ORDER BY l.product_id DESC LIMIT 25`,
    [...(category === undefined ? [] : [category]), ...whole, prefix.from, prefix.to],
  );
}

const isWord = (condition: string): string =>
  `(SELECT COUNT(*) FROM product_words w WHERE w.product_id = l.product_id AND ${condition}) > 0`;

type Open = () => Promise<{ readonly sql: Sql; stop(): Promise<void> }>;

const engines = (): Record<string, Open> => ({
  SQLite: openSqlite,
  ...(hasMariaDb() && { MariaDB: openMariaDb }),
});

async function openSqlite(): ReturnType<Open> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const sql = await openSql(`file:${join(folder, 'inventory.db')}`);
  return { sql, stop: async () => rmSync(folder, { recursive: true }) };
}

/** With memory for the whole catalog, as a database of this size has. */
async function openMariaDb(): ReturnType<Open> {
  const { socket, stop } = await startMariaDb();
  const admin = await createConnection({ socketPath: socket, user: 'root' });
  await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await admin.query(`SET GLOBAL innodb_buffer_pool_size = ${2 ** 30}`);
  await admin.end();
  const url = `mysql://root@localhost/inventory?socketPath=${encodeURIComponent(socket)}`;
  return { sql: await openSql(url, { use: 'maintenance' }), stop };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

main(Number(process.argv[2] ?? 1_000_000)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
