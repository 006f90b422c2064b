import { among, insertRows } from '../../shared/sql/bulk-sql';
import { limitFor, type Page, type PageOf, page } from '../../shared/sql/pagination';
import { forceIndex, inThisOrder, type Statements } from '../../shared/sql/sql';
import { AFTER_ALL } from '../posting-lists';
import { card, type NewProduct, type Product, productWords, type Shown } from './product';

/** A product with its stock. */
export interface Stocked {
  readonly product: Product;
  readonly stock: Shown;
}

/** From 1 on. Grows with each change of the product or of what is available (decision 0112). */
interface Revised {
  readonly revision: number;
}

/** One statement reads all three, so that they belong together. */
export async function findProduct(
  { query }: Statements,
  id: string,
): Promise<(Stocked & Revised) | undefined> {
  const [row] = await query<ProductRow>(`${STOCKED} = ?`, [id]);
  return row && stockedFrom(row);
}

/** Those of the ids that exist, in any order. */
export async function findProducts({ query }: Statements, ids: readonly string[]): Promise<Product[]> {
  const { sql, values } = among(ids);
  return (await query<ProductRow>(`${STOCKED} ${sql}`, values)).map((row) => stockedFrom(row).product);
}

const STOCKED = `SELECT ${inThisOrder}
    p.id, p.category, p.name, p.description, p.amount, p.currency, p.picture, p.version, p.off_sale, p.gallery,
    p.created_at, p.updated_at, s.on_hand - s.reserved AS available, s.arrived, s.revision
  FROM products p JOIN stock s ${forceIndex('PRIMARY')} ON s.product_id = p.id WHERE p.id`;

function stockedFrom(row: ProductRow): Stocked & Revised {
  const {
    amount,
    currency,
    created_at: createdAt,
    updated_at: updatedAt,
    off_sale: offSale,
    gallery,
    available,
    arrived,
    revision,
    ...rest
  } = row;
  const product = {
    ...{ ...rest, price: { amount, currency }, createdAt, updatedAt },
    ...{ onSale: offSale === 0, gallery: gallery ?? '' },
  };
  return { product, stock: { available, arrived }, revision };
}

interface ProductRow extends Revised, Shown {
  readonly id: string;
  readonly category: string;
  readonly name: string;
  readonly description: string;
  readonly amount: number;
  readonly currency: string;
  readonly picture: string | null;
  readonly version: number;
  readonly off_sale: number;
  readonly gallery: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

/** Inserts the product with its listing row, its search words and an empty stock. */
export async function insertProduct(tx: Statements, product: NewProduct, now: () => number): Promise<void> {
  const { id, category, name, description, price, picture, version, createdAt, updatedAt } = product;
  await insertRows(
    tx,
    `products (id, category, name, description, amount, currency, picture, version, created_at, updated_at)`,
    [[id, category, name, description, price.amount, price.currency, picture, version, createdAt, updatedAt]],
  );
  await insertRows(tx, 'listings (product_id, category, card)', [[id, category, card(product)]]);
  await changeWords(tx, id, [], productWords(product));
  await insertRows(tx, 'stock (product_id, on_hand, reserved, arrived, revision, changed_at)', [
    [id, 0, 0, 0, 1, now()],
  ]);
}

/** False if the row is no longer at the previous version. */
export async function updateProduct(tx: Statements, product: Product): Promise<boolean> {
  const { id, category, name, description, price, picture, version, updatedAt, onSale, gallery } = product;
  const matched = await tx.execute(
    `UPDATE products SET category = ?, name = ?, description = ?, amount = ?, currency = ?, picture = ?,
       off_sale = ?, gallery = ?, version = ?, updated_at = ? WHERE id = ? AND version = ?`,
    [
      ...[category, name, description, price.amount, price.currency, picture, onSale ? 0 : 1, gallery],
      ...[version, updatedAt, id, version - 1],
    ],
  );
  if (matched === 0) return false;
  await writeLists(tx, product);
  return true;
}

/** Makes the row of lists and the words say what the product says; one that is off sale has neither. */
export async function writeLists(tx: Statements, product: Product): Promise<void> {
  const { id, category, onSale } = product;
  if (onSale) {
    const set = 'UPDATE listings SET category = ?, card = ? WHERE product_id = ?';
    const matched = await tx.execute(set, [category, card(product), id]);
    if (matched === 0)
      await insertRows(tx, 'listings (product_id, category, card)', [[id, category, card(product)]]);
  } else await tx.execute('DELETE FROM listings WHERE product_id = ?', [id]);
  await changeWords(tx, id, await storedWords(tx, id), onSale ? productWords(product) : []);
}

/** A page of the products that are off sale, newest first. */
export async function productsOffSale(
  { query }: Statements,
  { limit, after = AFTER_ALL }: PageOf,
): Promise<Page<{ id: string }>> {
  const rows = await query<OffSaleRow>(
    `SELECT ${inThisOrder} p.id, p.category, p.name, p.amount, p.currency, p.picture
     FROM (SELECT id FROM products ${forceIndex('products_by_sale')} WHERE off_sale = 1 AND id < ?
       ORDER BY id DESC ${limitFor(limit)}) o
     JOIN products p ${forceIndex('PRIMARY')} ON p.id = o.id ORDER BY p.id DESC`,
    [after],
  );
  return page(
    rows.map(({ amount, currency, ...rest }) => ({ ...rest, price: { amount, currency } })),
    limit,
  );
}

type OffSaleRow = Pick<ProductRow, 'id' | 'category' | 'name' | 'amount' | 'currency' | 'picture'>;

/** Its words in the index, which an earlier release may have made in another way. */
export async function storedWords({ query }: Statements, id: string): Promise<string[]> {
  const rows = await query<{ word: string }>('SELECT word FROM product_words WHERE product_id = ?', [id]);
  return rows.map(({ word }) => word);
}

async function changeWords(tx: Statements, id: string, before: readonly string[], after: readonly string[]) {
  const gone = before.filter((word) => !after.includes(word));
  const fresh = after.filter((word) => !before.includes(word)).sort();
  if (gone.length > 0) {
    const { sql, values } = among(gone);
    await tx.execute(`DELETE FROM product_words WHERE product_id = ? AND word ${sql}`, [id, ...values]);
  }
  await insertRows(
    tx,
    'product_words (word, product_id)',
    fresh.map((word) => [word, id]),
  );
}
