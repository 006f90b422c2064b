import { uuidv7 } from 'uuidv7';
import type { Sql, Statements } from '../shared/sql';
import { ChangedMeanwhileError, NoSuchProductError } from './errors';
import { card, type Product, type ProductFacts, productWords } from './product';
import { among, insertRows } from './rows';

/** A product and how many of it can be reserved now. */
export interface Stocked {
  readonly product: Product;
  readonly available: number;
}

export interface CatalogDeps {
  readonly sql: Sql;
  readonly now: () => number;
  /** Called after the ids' products were changed and stored. */
  readonly changed: (productId: string) => void;
}

export type Catalog = ReturnType<typeof createCatalog>;

/** Staff's side of the catalog. The list row and the words change in the product's own transaction. */
export function createCatalog({ sql, now, changed }: CatalogDeps) {
  return {
    create: async (facts: ProductFacts): Promise<Stocked> => {
      const at = now();
      const product: Product = { ...facts, id: uuidv7(), version: 1, createdAt: at, updatedAt: at };
      await sql.transaction((tx) => insert(tx, product));
      changed(product.id);
      return { product, available: 0 };
    },

    /** Edits the version that `mayEdit` accepts. @throws NoSuchProductError, ChangedMeanwhileError */
    edit: async (id: string, mayEdit: (version: number) => boolean, edits: Partial<ProductFacts>) => {
      const edited = await sql.transaction(async (tx): Promise<Stocked> => {
        const before = await findProduct(tx, id);
        if (!before) throw new NoSuchProductError(`There is no product ${id}`);
        const { version } = before.product;
        if (!mayEdit(version)) throw changedMeanwhile(id, version);
        const product: Product = { ...before.product, ...edits, version: version + 1, updatedAt: now() };
        if (!(await update(tx, product))) throw changedMeanwhile(id, version + 1);
        await changeWords(tx, id, productWords(before.product), productWords(product));
        return { product, available: before.available };
      });
      changed(id);
      return edited;
    },
  };
}

const changedMeanwhile = (id: string, version: number) =>
  new ChangedMeanwhileError(
    `The product ${id} is at version ${version} or later: get it again, then edit that`,
  );

export async function findProduct({ query }: Statements, id: string): Promise<Stocked | undefined> {
  const [row] = await query<ProductRow>(
    `SELECT p.id, p.category, p.name, p.description, p.amount, p.currency, p.picture, p.version,
       p.created_at, p.updated_at, s.on_hand - s.reserved AS available
     FROM products p JOIN stock s ON s.product_id = p.id WHERE p.id = ?`,
    [id],
  );
  if (!row) return undefined;
  const { amount, currency, created_at: createdAt, updated_at: updatedAt, available, ...rest } = row;
  return { product: { ...rest, price: { amount, currency }, createdAt, updatedAt }, available };
}

interface ProductRow {
  readonly id: string;
  readonly category: string;
  readonly name: string;
  readonly description: string;
  readonly amount: number;
  readonly currency: string;
  readonly picture: string | null;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly available: number;
}

async function insert(tx: Statements, product: Product): Promise<void> {
  const { id, category, name, description, price, picture, version, createdAt, updatedAt } = product;
  await insertRows(
    tx,
    `products (id, category, name, description, amount, currency, picture, version, created_at, updated_at)`,
    [[id, category, name, description, price.amount, price.currency, picture, version, createdAt, updatedAt]],
  );
  await insertRows(tx, 'listings (product_id, category, card)', [[id, category, card(product)]]);
  await insertRows(tx, 'stock (product_id, on_hand, reserved)', [[id, 0, 0]]);
  await changeWords(tx, id, [], productWords(product));
}

/** Whether the row was still at the version before. */
async function update({ execute }: Statements, product: Product): Promise<boolean> {
  const { id, category, name, description, price, picture, version, updatedAt } = product;
  const matched = await execute(
    `UPDATE products SET category = ?, name = ?, description = ?, amount = ?, currency = ?, picture = ?,
       version = ?, updated_at = ? WHERE id = ? AND version = ?`,
    [category, name, description, price.amount, price.currency, picture, version, updatedAt, id, version - 1],
  );
  if (matched === 0) return false;
  await execute('UPDATE listings SET category = ?, card = ? WHERE product_id = ?', [
    category,
    card(product),
    id,
  ]);
  return true;
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
