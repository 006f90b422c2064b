import { cursor, limitFor, type Page, type PageOf } from '../../shared/sql/pagination';
import { forceIndex, inThisOrder, type SqlValue, type Statements } from '../../shared/sql/sql';
import { withStock } from './product';

export interface PriceListQuery extends PageOf {
  readonly sort: 'price' | '-price';
  readonly category?: string;
}

interface Row {
  readonly id: string;
  readonly amount: number;
  readonly card: string;
  readonly available: number;
  readonly arrived: number;
}

/**
 * A page of products by price, then by id. Its cursor holds both: a product whose price changes between two pages may be
 * on both or on neither (decision 0221). @param query.after `<id>.<amount>` of the last product of the page before
 */
export async function listByPrice(
  sql: Statements,
  { sort, category, after, limit }: PriceListQuery,
): Promise<Page<{ id: string; json: string }>> {
  const rows: Row[] = [];
  for (const beyond of after === undefined ? [EVERY] : beyondOf(after, sort)) {
    if (rows.length <= limit) rows.push(...(await read(sql, { sort, category, limit }, beyond)));
  }
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(({ id, card, ...stock }) => ({ id, json: withStock(card, stock) }));
  return rows.length > limit && last ? { items, next: `${cursor(last.id)}.${last.amount}` } : { items };
}

interface Beyond {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const EVERY: Beyond = { sql: '1 = 1', values: [] };

/** Two ranges of the index, since engines do not make them of a comparison of pairs. */
function beyondOf(after: string, sort: PriceListQuery['sort']): Beyond[] {
  const [id = '', amount = ''] = after.split('.');
  const than = sort === 'price' ? '>' : '<';
  return [
    { sql: `amount = ? AND id ${than} ?`, values: [Number(amount), id] },
    { sql: `amount ${than} ?`, values: [Number(amount)] },
  ];
}

async function read(
  { query }: Statements,
  { sort, category, limit }: PriceListQuery,
  beyond: Beyond,
): Promise<Row[]> {
  const index = category === undefined ? 'products_by_price' : 'products_by_category_and_price';
  const order = sort === 'price' ? 'ASC' : 'DESC';
  // The page is cut from the index alone, before anything is joined to it.
  return query<Row>(
    `SELECT ${inThisOrder} p.id, p.amount, l.card, s.on_hand - s.reserved AS available, s.arrived
     FROM (SELECT id, amount FROM products ${forceIndex(index)}
       WHERE off_sale = 0${category === undefined ? '' : ' AND category = ?'} AND ${beyond.sql}
       ORDER BY amount ${order}, id ${order} ${limitFor(limit)}) p
     JOIN listings l ${forceIndex('PRIMARY')} ON l.product_id = p.id
     JOIN stock s ${forceIndex('PRIMARY')} ON s.product_id = p.id
     ORDER BY p.amount ${order}, p.id ${order}`,
    [...(category === undefined ? [] : [category]), ...beyond.values],
  );
}
