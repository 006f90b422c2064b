import { among } from '../../shared/sql/bulk-sql';
import { limitFor, type Page, type PageOf, page } from '../../shared/sql/pagination';
import { forceIndex, type Statements } from '../../shared/sql/sql';
import { NoSuchProductError } from '../catalog/errors';
import { acrossParts, type NewRows } from '../month-tables';
import { StockBelowReservedError } from './errors';
import type { Entry, Stock } from './ledger';

export async function findStock({ query }: Statements, productId: string): Promise<Stock> {
  const [row] = await query<{ onHand: number; reserved: number }>(
    'SELECT on_hand AS onHand, reserved FROM stock WHERE product_id = ?',
    [productId],
  );
  if (!row) throw new NoSuchProductError(`No product has the id ${productId}`);
  return { ...row, available: row.onHand - row.reserved };
}

export const insertEntry = ({ execute }: Statements, productId: string, line: Entry, into: NewRows) =>
  execute(
    `INSERT INTO ${into}ledger (id, product_id, kind, quantity, reason, user_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [line.id, productId, line.kind, line.quantity, line.reason, line.by, line.at],
  );

/** In every statement that changes a row of `stock`. Its value is the time of the change (`stampedInTime`). */
export const REVISED = 'revision = revision + 1, changed_at = ?';

const LONGEST_STAMP_AGE_MS = 1000;

/**
 * Changes the stock of products, each at the time that `change` is given. Caches are repaired by these times, so a
 * transaction that waited for rows renews them, now that it holds the locks: the commit follows soon (decision 0112).
 */
export async function stampedInTime(
  tx: Statements,
  productIds: readonly string[],
  now: () => number,
  change: (productId: string, at: number) => Promise<void>,
): Promise<void> {
  const began = now();
  for (const productId of productIds) await change(productId, now());
  if (now() - began <= LONGEST_STAMP_AGE_MS) return;
  const ids = among(productIds);
  await tx.execute(`UPDATE stock SET ${REVISED} WHERE product_id ${ids.sql}`, [now(), ...ids.values]);
}

/** For a change of a product that its stock does not show. */
export async function revise({ execute }: Statements, productId: string, at: number): Promise<void> {
  await execute(`UPDATE stock SET ${REVISED} WHERE product_id = ?`, [at, productId]);
}

export async function addOnHand(
  tx: Statements,
  productId: string,
  quantity: number,
  at: number,
): Promise<void> {
  const matched = await tx.execute(
    `UPDATE stock SET on_hand = on_hand + ?, arrived = 1, ${REVISED} WHERE product_id = ? AND on_hand + ? >= reserved`,
    [quantity, at, productId, quantity],
  );
  if (matched === 1) return;
  const { onHand, reserved } = await findStock(tx, productId);
  throw new StockBelowReservedError(
    `${onHand} units are on hand and ${reserved} of them are reserved: a change of ${quantity} would leave too few`,
  );
}

interface EntryRow {
  readonly id: string;
  readonly kind: Entry['kind'];
  readonly quantity: number;
  readonly reason: string | null;
  readonly user_id: string | null;
  readonly created_at: number;
}

const ENTRY = 'SELECT id, kind, quantity, reason, user_id, created_at FROM';

const entryFrom = ({ user_id: by, created_at: at, ...rest }: EntryRow): Entry => ({ ...rest, at, by });

export async function findEntry(sql: Statements, id: string): Promise<Entry> {
  const [row] = await acrossParts<EntryRow>(sql, (part) => `${ENTRY} ${part}ledger WHERE id = ?`, [id]);
  if (!row) throw new Error(`The ledger has no line ${id}`);
  return entryFrom(row);
}

/** Newest first. */
export async function entriesOf(
  sql: Statements,
  productId: string,
  { limit, after }: PageOf,
): Promise<Page<Entry>> {
  const newest = `ORDER BY id DESC ${limitFor(limit)}`;
  const rows = await acrossParts<EntryRow>(
    sql,
    (part) => `${ENTRY} ${part}ledger ${forceIndex(`${part === '' ? '' : 'monthly_'}ledger_by_product`)}
     WHERE product_id = ? ${after === undefined ? '' : 'AND id < ?'} ${newest}`,
    after === undefined ? [productId] : [productId, after],
    { end: newest },
  );
  return page(rows.map(entryFrom), limit);
}
