import { uuidv7 } from 'uuidv7';
import { card, type NewProduct, productWords } from '../../lambda/inventory/catalog/product';
import { insertRows } from '../../lambda/shared/sql/bulk-sql';
import type { Sql } from '../../lambda/shared/sql/sql';
import { insertAccount } from '../../lambda/users/accounts/repository';
import { createPasswords } from '../../lambda/users/passwords';
import { insertSession } from '../../lambda/users/sessions/repository';
import { expiry } from '../../lambda/users/sessions/session-touch';
import { newToken, tokenHash } from '../../lambda/users/sessions/tokens';
import type { Customer, Shelf } from '../scenarios/fixtures';

const TOGETHER = 128;
/** Categories are named by letters, so that a search for a number matches names only. */
const AISLES = 'ABCDEFGHIJKLMNOPQRSTUVWXY';
/** Pieces of each product at the start; more than any run sells. */
const PIECES = 1_000_000;
/**
 * Makes the JSON of a product about 1 KB; few words, so that stocking does not spend its time on the index of words.
 */
const DESCRIPTION = 'Stoneware, holds plenty and keeps warm. '.repeat(18).trim();

/** Inserts products with the same rows as the app itself writes. */
export async function stockProducts(sql: Sql, count: number, pieces = PIECES): Promise<Shelf[]> {
  const products: NewProduct[] = [];
  while (products.length < count) {
    const { length: done } = products;
    // Each with an id of its time, like those of the app: the shop takes an old id that it never saw for none.
    const some = Array.from({ length: Math.min(TOGETHER, count - done) }, (_, n) => productOf(done + n));
    await sql.transaction((tx) => insertProducts(tx, some, pieces));
    products.push(...some);
  }
  return products.map(({ id, name, category, price }) => ({
    id,
    name,
    category,
    price: price.amount,
    pieces,
  }));
}

function productOf(n: number): NewProduct {
  const at = Date.now();
  return {
    id: uuidv7(),
    category: `Aisle ${AISLES[n % AISLES.length]}`,
    // All numbers are as long, so that a search for one finds it and is not a prefix of thousands.
    name: `Mug ${100_000 + n}`,
    description: DESCRIPTION,
    price: { amount: 100 + (n % 9900), currency: 'USD' },
    picture: null,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

async function insertProducts(
  tx: Parameters<typeof insertRows>[0],
  products: readonly NewProduct[],
  pieces: number,
) {
  await insertRows(
    tx,
    'products (id, category, name, description, amount, currency, picture, version, created_at, updated_at)',
    products.map(({ id, category, name, description, price, version, createdAt, updatedAt }) => [
      ...[id, category, name, description, price.amount, price.currency],
      ...[null, version, createdAt, updatedAt],
    ]),
  );
  await insertRows(
    tx,
    'listings (product_id, category, card)',
    products.map((product) => [product.id, product.category, card(product)]),
  );
  await insertRows(
    tx,
    'stock (product_id, on_hand, reserved)',
    products.map(({ id }) => [id, pieces, 0]),
  );
  await insertRows(
    tx,
    'ledger (id, product_id, kind, quantity, created_at)',
    products.map(({ id, createdAt }) => [uuidv7(), id, 'received', pieces, createdAt]),
  );
  await insertRows(
    tx,
    'product_words (word, product_id)',
    products.flatMap((product) => productWords(product).map((word) => [word, product.id])),
  );
}

export const PASSWORD = 'a long lab password';

/** Inserts accounts with a session each and one password, since hashing one for each would take longer than the run. */
export async function addCustomers(sql: Sql, count: number, role: 'customer' | 'staff'): Promise<Customer[]> {
  const passwordHash = await createPasswords().hash(PASSWORD);
  const at = Date.now();
  const customers: Customer[] = [];
  for (let done = 0; done < count; done += TOGETHER) {
    await sql.transaction(async (tx) => {
      for (let n = done; n < Math.min(count, done + TOGETHER); n++) {
        const [id, token] = [uuidv7(), newToken()];
        const email = `${role}-${n}-${id}@lab.example`;
        await insertAccount(tx, { id, email, name: `Lab ${n}`, role, passwordHash, createdAt: at });
        const session = { id: uuidv7(), userId: id, userAgent: 'lab', createdAt: at, lastSeenAt: at };
        await insertSession(tx, { ...session, expiresAt: expiry(at, at) }, tokenHash(token));
        customers.push({ id, email, token });
      }
    });
  }
  return customers;
}
