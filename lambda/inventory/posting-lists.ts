import { among } from '../shared/sql/bulk-sql';
import { forceIndex, limit, type SqlValue, type Statements } from '../shared/sql/sql';

/** A condition on a row of `p`, with its parameters. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Rows of a table as `p` whose index has them in the order of product ids, read by that index alone. */
export interface PostingList extends Condition {
  readonly from: string;
}

export const productsWithWord = (word: string): PostingList => ({
  from: `product_words p ${forceIndex('PRIMARY')}`,
  sql: 'p.word = ?',
  values: [word],
});

export const productsInCategory = (category: string): PostingList => ({
  from: `listings p ${forceIndex('listings_by_category')}`,
  sql: 'p.category = ?',
  values: [category],
});

export const theseProducts = (isAmongThem: Condition): PostingList => ({ ...BY_ID, ...isAmongThem });

const BY_ID = { from: `listings p ${forceIndex('PRIMARY')}` };

export const ALL_PRODUCTS: PostingList = { ...BY_ID, sql: '1 = 1', values: [] };

export const NO_PRODUCTS: PostingList = { ...BY_ID, sql: '1 = 0', values: [] };

/** Sort before and after every id. */
export const BEFORE_ALL = '';
export const AFTER_ALL = '~';

/** A scalar subquery is one look-up for each row. Engines turn EXISTS and IN into joins, in an order of their own. */
export const hasWord = (word: string): Condition => ({
  sql: '(SELECT w.word FROM product_words w WHERE w.product_id = p.product_id AND w.word = ?) IS NOT NULL',
  values: [word],
});

export const isInCategory = (category: string): Condition => ({
  sql: '(SELECT l.category FROM listings l WHERE l.product_id = p.product_id) = ?',
  values: [category],
});

export function isAmong(ids: readonly string[]): Condition {
  const { sql, values } = among(ids);
  return { sql: `p.product_id ${sql}`, values };
}

/** The newest entries of a list. */
export interface Top {
  readonly entries: number;
  /** The id of the last of them; undefined when the list ends before. */
  readonly lowest: string | undefined;
}

/** Reads so many of the newest entries of each list, from below an id on. */
export async function readTops(
  { query }: Statements,
  lists: readonly { readonly list: PostingList; readonly rows: number }[],
  below: string,
): Promise<Top[]> {
  const tops = lists.map(
    ({ list, rows }, place) => `SELECT ${place} AS place, COUNT(*) AS entries, MIN(id) AS lowest
      FROM (SELECT p.product_id AS id FROM ${list.from} WHERE ${list.sql} AND p.product_id < ?
        ORDER BY p.product_id DESC ${limit(rows)}) t${place}`,
  );
  const found = await query<{ place: number; entries: number; lowest: string | null }>(
    tops.join(' UNION ALL '),
    lists.flatMap(({ list }) => [...list.values, below]),
  );
  return lists.map(({ rows }, place) => {
    const { entries = 0, lowest } = found.find((row) => row.place === place) ?? {};
    return { entries, lowest: entries < rows ? undefined : (lowest ?? undefined) };
  });
}

/** From one id up to before another. */
export interface Span {
  readonly from: string;
  readonly below: string;
}

/** The newest products of a span that are on any of the lists and meet all conditions. */
export async function readMatches(
  { query }: Statements,
  lists: readonly PostingList[],
  { from, below }: Span,
  conditions: readonly Condition[],
  most: string,
): Promise<string[]> {
  const met = conditions.map(({ sql }) => ` AND ${sql}`).join('');
  const ofEach = lists.map(
    (list, place) => `SELECT id FROM (SELECT p.product_id AS id FROM ${list.from}
      WHERE ${list.sql} AND p.product_id < ? AND p.product_id >= ?${met}
      ORDER BY p.product_id DESC ${most}) t${place}`,
  );
  const rows = await query<{ id: string }>(
    `${ofEach.join(' UNION ')} ORDER BY id DESC ${most}`,
    lists.flatMap(({ values }) => [...values, below, from, ...conditions.flatMap((each) => each.values)]),
  );
  return rows.map(({ id }) => id);
}
