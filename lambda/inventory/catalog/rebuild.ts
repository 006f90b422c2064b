import { among } from '../../shared/sql/bulk-sql';
import { limit, type Sql, type Statements } from '../../shared/sql/sql';
import { card, type Product, productWords } from './product';
import { findProduct, findProducts, storedWords, writeLists } from './repository';

export interface RebuildOptions {
  /** The product to go on after. Default: from the first. */
  readonly after?: string;
  /** True when the call has to end. Default: never. */
  readonly late?: () => boolean;
}

export interface Rebuilt {
  /** Looked at. */
  readonly products: number;
  /** Those whose row in lists, or whose words, were not what the product says. */
  readonly differing: readonly string[];
  /** False if the call ended before the last product. */
  readonly done: boolean;
  readonly after: string;
}

const PAGE = 100;

/**
 * Compares the list row and the words of every product with the product, and writes those that differ again. The shop may
 * sell and edit meanwhile. @param repairs false to change nothing
 */
export async function rebuildLists(
  sql: Sql,
  repairs: boolean,
  { after: from = '', late = () => false }: RebuildOptions = {},
): Promise<Rebuilt> {
  let [products, after] = [0, from];
  const differing: string[] = [];
  for (;;) {
    const page = await sql.query<{ id: string }>(
      `SELECT id FROM products WHERE id > ? ORDER BY id ${limit(PAGE)}`,
      [after],
    );
    const ids = page.map(({ id }) => id);
    for (const id of ids.length > 0 ? await suspects(sql, ids) : [])
      if (await settle(sql, id, repairs)) differing.push(id);
    products += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < PAGE) return { products, differing, done: true, after };
    if (late()) return { products, differing, done: false, after };
  }
}

/** Those that differ, or were changed between two statements. */
async function suspects(sql: Statements, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const { sql: inIds, values } = among(ids);
  const rows = await sql.query<{ product_id: string; card: string; category: string }>(
    `SELECT product_id, card, category FROM listings WHERE product_id ${inIds}`,
    values,
  );
  const words = await sql.query<{ product_id: string; word: string }>(
    `SELECT product_id, word FROM product_words WHERE product_id ${inIds}`,
    values,
  );
  const products = await findProducts(sql, ids);
  for (const product of products) {
    const { id } = product;
    const row = rows.find(({ product_id }) => product_id === id);
    const own = words.flatMap(({ product_id, word }) => (product_id === id ? word : []));
    if (!(isRow(product, row) && sameWords(product, own))) found.push(id);
  }
  return found.sort();
}

/** Looks again with the product locked, so that no edit is half-seen. True if it differs. */
async function settle(sql: Sql, id: string, repairs: boolean): Promise<boolean> {
  return sql.transaction(async (tx) => {
    // Locks the row: an edit changes it before anything else.
    await tx.execute('UPDATE products SET version = version WHERE id = ?', [id]);
    const product = (await findProduct(tx, id))?.product;
    if (!product) return false;
    const [row] = await tx.query<{ card: string; category: string }>(
      'SELECT card, category FROM listings WHERE product_id = ?',
      [id],
    );
    const words = await storedWords(tx, id);
    if (isRow(product, row) && sameWords(product, words)) return false;
    if (repairs) await writeLists(tx, product);
    return true;
  });
}

const isRow = (product: Product, row: { card: string; category: string } | undefined): boolean =>
  product.onSale ? row?.card === card(product) && row.category === product.category : row === undefined;

function sameWords(product: Product, found: readonly string[]): boolean {
  const wanted = new Set(product.onSale ? productWords(product) : []);
  return found.length === wanted.size && found.every((word) => wanted.has(word));
}
