import type { Statements } from '../shared/sql';
import { limitFor, type Page, type PageOf, page } from './paging';
import { withAvailable } from './product';
import { type Condition, withWords } from './search';

/** What of the catalog to list: all, one category, what has some words, or both. */
export interface Wanted extends PageOf {
  readonly category?: string;
  readonly q?: string;
}

/** A page of list JSON, newest first, each with what is available now. */
export async function listProducts(
  sql: Statements,
  { category, q = '', after, limit }: Wanted,
): Promise<Page<{ id: string; json: string }>> {
  const words = q.trim() === '' ? [] : await withWords(sql, q);
  if (!words) return { items: [] };
  const conditions = [...given('l.category = ?', category), ...given('l.product_id < ?', after), ...words];
  const where =
    conditions.length > 0 ? `WHERE ${conditions.map((condition) => condition.sql).join(' AND ')}` : '';
  const rows = await sql.query<{ id: string; card: string; available: number }>(
    `SELECT l.product_id AS id, l.card, s.on_hand - s.reserved AS available
     FROM listings l JOIN stock s ON s.product_id = l.product_id
     ${where} ORDER BY l.product_id DESC ${limitFor(limit)}`,
    conditions.flatMap(({ values }) => values),
  );
  const cards = rows.map(({ id, card, available }) => ({ id, json: withAvailable(card, available) }));
  return page(cards, limit);
}

/** Every category that has products, by name, and how many. */
export function listCategories({ query }: Statements): Promise<{ category: string; products: number }[]> {
  return query('SELECT category, COUNT(*) AS products FROM listings GROUP BY category ORDER BY category');
}

const given = (sql: string, value: string | undefined): Condition[] =>
  value === undefined ? [] : [{ sql, values: [value] }];
