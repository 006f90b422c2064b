import { formsOf } from '../../../lambda/inventory/catalog/tokenizer';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { insertRows } from '../../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';

/** A word of every `every`th product, from one up to before another; products are counted from the oldest. */
export interface Share {
  readonly word: string;
  readonly every?: number;
  readonly from?: number;
  readonly to?: number;
}

/** More words than a prefix is listed by. */
export const manyWords = (start: string, share: Omit<Share, 'word'>): Share[] =>
  Array.from({ length: 32 }, (_, n) => ({ word: `${start}${n + 10}`, from: n, ...share }));

/** The words that `askEverything` looks for. */
export const FEW_SHARES: readonly Share[] = [
  { word: 'every' },
  { word: 'even', every: 2 },
  ...manyWords('tone', { every: 64 }),
];

/** The id of the nth product. */
export const idOf = (n: number): string => `${COMMON_START}${n.toString(16).padStart(6, '0')}`;

/** The last time that JavaScript knows. */
const LATEST = 8.64e15;
const COMMON_START = '0193a5b0-7c1e-7000-8000-000000';

/** The oldest are in the attic, the others alternate. */
const categoryOf = (n: number): string => {
  if (n < ATTIC) return 'attic';
  return n % 2 === 0 ? 'even shelf' : 'odd shelf';
};

const ATTIC = 5000;
const CATEGORY = `CASE WHEN n < ${ATTIC} THEN 'attic' WHEN n % 2 = 0 THEN 'even shelf' ELSE 'odd shelf' END`;
const CARD = JSON.stringify({
  ...{ id: 'ID', category: 'shelf', name: 'One of many' },
  ...{ price: { amount: 1299, currency: 'USD' }, picture: null },
});

/**
 * Migrates an empty schema and fills it inside the database: 200,000 products take seconds. A thousand prices, each of
 * every thousandth product.
 */
export async function createCatalog(sql: Sql, products: number, shares: readonly Share[]): Promise<void> {
  // Indexes come last: made at once, they are made in a fraction of the time.
  const isIndex = (statement: string) => statement.startsWith('CREATE INDEX');
  const tables = inventoryMigrations.map(({ id, statements }) => ({
    id,
    statements: statements.filter((statement) => !isIndex(statement)),
  }));
  await migrate(sql, tables);
  await createIds(sql, products);
  await sql.execute(
    'INSERT INTO stock (product_id, on_hand, reserved) SELECT id, 9, n % 9 FROM ids ORDER BY n',
  );
  await sql.execute(
    `INSERT INTO listings (product_id, category, card)
     SELECT id, ${CATEGORY}, REPLACE('${CARD}', 'ID', id) FROM ids ORDER BY n`,
  );
  await sql.execute(
    `INSERT INTO products (id, category, name, description, amount, currency, version, created_at, updated_at)
     SELECT id, ${CATEGORY}, 'One of many', '', n % 1000, 'USD', 1, 0, 0 FROM ids ORDER BY n`,
  );
  for (const { word, every = 1, from = 0, to = products } of shares) {
    await sql.execute(
      `INSERT INTO product_words (word, product_id) SELECT '${word}', i.id
       FROM ids k JOIN ids i ON i.n = ${from} + k.n * ${every}
       WHERE k.n < ${Math.ceil((to - from) / every)} ORDER BY k.n`,
    );
  }
  await sql.execute('DROP TABLE ids');
  for (const statement of inventoryMigrations.flatMap(({ statements }) => statements.filter(isIndex)))
    await sql.execute(statement);
}

/**
 * Leaves MySQL and MariaDB with true statistics of every table but the stock, which they take for ten rows: as some time
 * after an import, when they have counted some tables again and others not. No later count changes that.
 */
export async function takeStockForSmall(sql: Sql): Promise<void> {
  const rows = await sql.query<Record<string, string>>('SHOW TABLES');
  for (const table of rows.flatMap((row) => Object.values(row))) {
    await sql.execute(`ALTER TABLE ${table} STATS_AUTO_RECALC = 0`);
    await sql.query(`ANALYZE TABLE ${table}`);
  }
  await sql.execute(
    "UPDATE mysql.innodb_table_stats SET n_rows = 10 WHERE database_name = DATABASE() AND table_name = 'stock'",
  );
  await sql.execute('FLUSH TABLE stock');
}

/**
 * One user with most of a long past, others with the rest: the products from this one on, by default the newer half, came
 * and were reserved once.
 */
export async function createHistory(sql: Sql, products: number, from = products / 2): Promise<void> {
  const oldest = idOf(from);
  const whose = `CASE WHEN SUBSTR(product_id, 36, 1) IN ('0', '1') THEN 'somebody' ELSE '${BUSY}' END`;
  const each = 'FROM listings WHERE product_id >= ? ORDER BY product_id';
  await sql.execute(
    `INSERT INTO ledger (id, product_id, kind, quantity, created_at)
     SELECT product_id, ${whose}, 'received', 1, 0 ${each}`,
    [oldest],
  );
  await sql.execute(
    `INSERT INTO reservations (id, user_id, status, created_at, expires_at)
     SELECT product_id, ${whose}, 'held', 0, ? ${each}`,
    [LATEST, oldest],
  );
  await sql.execute(
    `INSERT INTO reservation_items (reservation_id, product_id, name, quantity, amount, currency)
     SELECT product_id, product_id, 'One of many', 1, 1299, 'USD' ${each}`,
    [oldest],
  );
  await sql.execute(
    `INSERT INTO idempotency (id, user_id, fingerprint, result_id, expires_at)
     SELECT product_id, ${whose}, '', product_id, ? ${each}`,
    [Number.MAX_SAFE_INTEGER, oldest],
  );
  await sql.execute(`INSERT INTO holders (user_id, turns) SELECT product_id, 1 ${each}`, [oldest]);
  await sql.execute(
    `INSERT INTO photos (id, product_id, status, bytes, type, sha256, sizes, picture_due, unfinished, created_at,
       expires_at) SELECT product_id, product_id, 'ready', 1, 'image/jpeg', '', '', 0, 0, 0, 0 ${each}`,
    [oldest],
  );
}

/** So many older rows in the tables of months, and in those in which a month waits for the warehouse. */
export async function createMonths(sql: Sql, rows: number): Promise<void> {
  const older = (column: string) => `CONCAT('0192', SUBSTR(${column}, 5))`;
  for (const part of ['monthly_', 'leaving_']) {
    await sql.execute(
      `INSERT INTO ${part}ledger (id, product_id, kind, quantity, user_id, created_at)
       SELECT ${older('id')}, ${older('product_id')}, 'received', 1, 'past', 0 FROM ledger WHERE id < ?`,
      [idOf(rows)],
    );
    await sql.execute(
      `INSERT INTO ${part}reservations (id, user_id, status, created_at, expires_at)
       SELECT ${older('id')}, 'past', 'confirmed', 0, 0 FROM reservations WHERE id < ?`,
      [idOf(rows)],
    );
    await sql.execute(
      `INSERT INTO ${part}reservation_items (reservation_id, product_id, name, quantity, amount, currency)
       SELECT ${older('reservation_id')}, product_id, name, 1, amount, currency
       FROM reservation_items WHERE reservation_id < ?`,
      [idOf(rows)],
    );
  }
}

/** A product with most of the ledger, and a user with most of the reservations. */
export const BUSY = idOf(7);

async function createIds(sql: Sql, products: number): Promise<void> {
  const digits = Array.from({ length: 4096 }, (_, n) => [n, n.toString(16).padStart(3, '0')]);
  await sql.execute('CREATE TABLE digits (n BIGINT PRIMARY KEY, hex VARCHAR(3) NOT NULL)');
  await sql.execute('CREATE TABLE ids (n BIGINT PRIMARY KEY, id VARCHAR(36) NOT NULL)');
  await insertRows(sql, 'digits (n, hex)', digits);
  await sql.execute(
    `INSERT INTO ids (n, id)
     SELECT a.n * 4096 + b.n, REPLACE(REPLACE('${COMMON_START}AAABBB', 'AAA', a.hex), 'BBB', b.hex)
     FROM digits a JOIN digits b ON a.n * 4096 + b.n < ${products}
     WHERE a.n < ${Math.ceil(products / 4096)} ORDER BY a.n, b.n`,
  );
  await sql.execute('DROP TABLE digits');
}

export interface Question {
  /** The last one may be a beginning. */
  readonly words: readonly string[];
  readonly category?: string | undefined;
  /** Only products before this one. */
  readonly before?: number | undefined;
  readonly limit?: number;
}

/** The ids that a search must find, newest first. */
export function truth(products: number, shares: readonly Share[], question: Question): string[] {
  const { words, category, before = products } = question;
  const wanted = words.map((word, place) =>
    shares.filter(
      (share) =>
        formsOf(word).includes(share.word) || (place === words.length - 1 && share.word.startsWith(word)),
    ),
  );
  const has = (n: number, { every = 1, from = 0, to = products }: Share) =>
    n >= from && n < to && (n - from) % every === 0;
  const found: string[] = [];
  for (let n = before - 1; n >= 0; n--) {
    if (category !== undefined && categoryOf(n) !== category) continue;
    if (wanted.every((some) => some.some((share) => has(n, share)))) found.push(idOf(n));
  }
  return found;
}
