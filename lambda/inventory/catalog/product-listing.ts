import { limitFor, type Page, type PageOf, page } from '../../shared/sql/pagination';
import { forceIndex, inThisOrder, limit as rows, type Statements } from '../../shared/sql/sql';
import {
  AFTER_ALL,
  ALL_PRODUCTS,
  isAmong,
  type PostingList,
  productsInCategory,
  theseProducts,
} from '../posting-lists';
import { listByPrice, type PriceListQuery } from './price-lists';
import { type Shown, withStock } from './product';
import { search } from './search';

/** Filters by category, by words, or by both; without them, lists everything. */
export interface ListingQuery extends PageOf {
  readonly category?: string;
  /** Found products are newest first, whatever `sort` says. */
  readonly q?: string;
  /** Default: newest first. */
  readonly sort?: PriceListQuery['sort'];
}

/** A page of list JSON, each with what is available now. @throws SearchTooBroadError */
export async function listProducts(
  sql: Statements,
  { category, q = '', sort, after, limit }: ListingQuery,
): Promise<Page<{ id: string; json: string }>> {
  if (sort !== undefined && q.trim() === '') return listByPrice(sql, { sort, category, after, limit });
  return listNewest(sql, { category, q, after, limit });
}

async function listNewest(
  sql: Statements,
  { category, q = '', after = AFTER_ALL, limit }: Omit<ListingQuery, 'sort'>,
): Promise<Page<{ id: string; json: string }>> {
  if (q.trim() === '') {
    const list = category === undefined ? ALL_PRODUCTS : productsInCategory(category);
    return page(await readCards(sql, list, after, limit), limit);
  }
  const { ids, ...next } = await search(sql, q, { category, after, limit });
  if (ids.length === 0) return { items: [], ...next };
  return { items: await readCards(sql, theseProducts(isAmong(ids)), after, limit), ...next };
}

async function readCards({ query }: Statements, list: PostingList, below: string, limit: number) {
  const rows = await query<Shown & { id: string; card: string }>(
    `SELECT ${inThisOrder} p.product_id AS id, p.card, s.on_hand - s.reserved AS available, s.arrived
     FROM ${list.from} JOIN stock s ${forceIndex('PRIMARY')} ON s.product_id = p.product_id
     WHERE ${list.sql} AND p.product_id < ? ORDER BY p.product_id DESC ${limitFor(limit)}`,
    [...list.values, below],
  );
  return rows.map(({ id, card, ...stock }) => ({ id, json: withStock(card, stock) }));
}

const CATEGORIES = 100;
/** Of each category so many products are counted, and no more. */
const MOST_COUNTED = 1000;

export interface CategoryCount {
  readonly category: string;
  readonly products: number;
}

/** A page of the categories that have products, by name; `next` is the name that it ends with. */
export async function listCategories(sql: Statements, after = ''): Promise<Page<CategoryCount>> {
  const items: CategoryCount[] = [];
  for (let [above, from] = ['>', after]; items.length <= CATEGORIES; ) {
    const counts = await countSome(sql, `category ${above} ?`, from);
    const last = counts.at(-1);
    if (!last || sum(counts) < MOST_COUNTED) {
      items.push(...counts);
      break;
    }
    // The last one may go on where reading stopped: it is counted again, unless it is all that was read.
    items.push(...(counts.length > 1 ? counts.slice(0, -1) : counts));
    [above, from] = [counts.length > 1 ? '>=' : '>', last.category];
  }
  const shown = items.slice(0, CATEGORIES);
  return items.length > CATEGORIES ? { items: shown, next: shown.at(-1)?.category } : { items: shown };
}

const sum = (counts: readonly CategoryCount[]): number =>
  counts.reduce((total, { products }) => total + products, 0);

/** Counts the categories in the next entries of their index. */
const countSome = ({ query }: Statements, where: string, from: string): Promise<CategoryCount[]> =>
  query(
    `SELECT category, COUNT(*) AS products
     FROM (SELECT category FROM listings ${forceIndex('listings_by_category')}
       WHERE ${where} ORDER BY category ${rows(MOST_COUNTED)}) t
     GROUP BY category ORDER BY category`,
    [from],
  );
