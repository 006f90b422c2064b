import { uuidv7 } from 'uuidv7';
import { DuplicateKeyError, type Sql, type Statements } from '../shared/sql';
import { coalesce } from './coalesce';
import {
  deleteExpired,
  findRecords,
  fingerprint,
  insertRecords,
  type Keyed,
  type KeyedRequest,
  type KeyRecord,
  keyId,
  sameRequest,
} from './idempotency';
import { type Line, type OnShelf, pack } from './packing';
import { type Item, type Reservation, totals } from './reservation';
import { reservationById } from './reservations';
import { among, insertRows } from './rows';

/** More at once would keep the rows locked for longer than it saves (docs/decisions/0060). */
const MOST_TOGETHER = 128;

export interface ReservingDeps {
  readonly sql: Sql;
  readonly now: () => number;
  /** How long a reservation holds stock. */
  readonly holdMs: number;
  /** Whether reservations that come at the same time share transactions. */
  readonly coalesced: boolean;
  /** Called after the stock of these products was changed and stored. */
  readonly changed: (productIds: readonly string[]) => void;
}

export type Reserve = ReturnType<typeof createReserving>;

/** A request to reserve: `lines` by product id, each product once. */
interface Cart extends KeyedRequest {
  readonly lines: readonly Line[];
}

/** What became of a cart: it is stored now, or a request with its key was before, or it cannot be. */
type Outcome =
  | { readonly stored: Reservation }
  | { readonly record: KeyRecord }
  | { readonly refused: Error };

/**
 * Reserves stock, all of a cart or nothing. Never more than there is: the conditional UPDATE has the last word, and what
 * is read before it only says who to try together.
 */
export function createReserving(deps: ReservingDeps) {
  const together = (carts: readonly Cart[]) => attempt(deps, carts);
  /** Each turn of the loop means that somebody else's change went through meanwhile. */
  const alone = async (cart: Cart): Promise<Outcome> => {
    for (;;) {
      const [outcome] = await attempt(deps, [cart]);
      if (outcome) return outcome;
    }
  };
  const reserve = deps.coalesced ? coalesce(together, alone, MOST_TOGETHER) : alone;

  /** @throws NoSuchProductError, OutOfStockError, MixedCurrenciesError, KeyReusedError */
  return async (userId: string, key: string, wanted: readonly Line[]): Promise<Keyed<Reservation>> => {
    const lines = totals(wanted).map(([productId, quantity]) => ({ productId, quantity }));
    const cart = { userId, key, lines, fingerprint: fingerprint(['reserve', lines.map(Object.values)]) };
    const outcome = await reserve(cart);
    if ('refused' in outcome) throw outcome.refused;
    if ('stored' in outcome) return { result: outcome.stored, replayed: false };
    return { result: await reservationById(deps.sql, sameRequest(outcome.record, cart)), replayed: true };
  };
}

/** Another process was faster with a product or a key: nothing of this transaction is stored. */
class OvertakenError extends Error {
  override name = 'OvertakenError';
}

/** One transaction for all the carts that fit; undefined for those that should ask again. */
async function attempt({ sql, now, holdMs, changed }: ReservingDeps, carts: readonly Cart[]) {
  const at = now();
  try {
    const outcomes = await sql.transaction(async (tx) => {
      const records = await findRecords(tx, carts);
      const fresh = firstOfEachKey(carts).filter((cart) => !isValid(records.get(keyId(cart)), at));
      const shelf = await readShelf(tx, fresh);
      const { fitting, refused } = pack(fresh, shelf);
      const stored = new Map(fitting.map((cart) => [cart, reservationOf(cart, shelf, at, holdMs)]));
      if (stored.size > 0) await store(tx, stored, [...records.values()], at);
      return carts.map((cart) => outcomeOf(cart, stored, refused, records.get(keyId(cart)), at));
    });
    const reserved = outcomes.flatMap((outcome) =>
      outcome && 'stored' in outcome ? outcome.stored.items : [],
    );
    changed(totals(reserved).map(([productId]) => productId));
    return outcomes;
  } catch (error) {
    if (error instanceof OvertakenError || error instanceof DuplicateKeyError)
      return carts.map(() => undefined);
    throw error;
  }
}

function outcomeOf(
  cart: Cart,
  stored: ReadonlyMap<Cart, Reservation>,
  refusals: ReadonlyMap<Cart, Error>,
  record: KeyRecord | undefined,
  at: number,
): Outcome | undefined {
  const reservation = stored.get(cart);
  const refused = refusals.get(cart);
  if (reservation) return { stored: reservation };
  if (refused) return { refused };
  return record && isValid(record, at) ? { record } : undefined;
}

const isValid = (record: KeyRecord | undefined, at: number): boolean =>
  record !== undefined && record.expiresAt > at;

/** The others find what became of it when they ask again. */
function firstOfEachKey(carts: readonly Cart[]): Cart[] {
  const seen = new Set<string>();
  return carts.filter((cart) => {
    const first = !seen.has(keyId(cart));
    seen.add(keyId(cart));
    return first;
  });
}

async function readShelf({ query }: Statements, carts: readonly Cart[]): Promise<Map<string, OnShelf>> {
  const wanted = totals(carts.flatMap(({ lines }) => lines)).map(([productId]) => productId);
  if (wanted.length === 0) return new Map();
  const ids = among(wanted);
  const rows = await query<{ id: string; name: string; amount: number; currency: string; available: number }>(
    `SELECT p.id, p.name, p.amount, p.currency, s.on_hand - s.reserved AS available
     FROM products p JOIN stock s ON s.product_id = p.id WHERE p.id ${ids.sql}`,
    ids.values,
  );
  return new Map(
    rows.map(({ id, name, amount, currency, available }) => [
      id,
      { name, price: { amount, currency }, available },
    ]),
  );
}

function reservationOf(
  cart: Cart,
  shelf: ReadonlyMap<string, OnShelf>,
  at: number,
  holdMs: number,
): Reservation {
  const items = cart.lines.flatMap(({ productId, quantity }): Item[] => {
    const product = shelf.get(productId);
    return product ? [{ productId, name: product.name, quantity, price: product.price }] : [];
  });
  return { id: uuidv7(), status: 'held', items, createdAt: at, expiresAt: at + holdMs };
}

/** Inserts first, the rows that everybody wants last and in the order of their ids: locked shortly, without deadlock. */
async function store(
  tx: Statements,
  reservations: ReadonlyMap<Cart, Reservation>,
  records: readonly KeyRecord[],
  at: number,
): Promise<void> {
  const expired = records.filter((record) => !isValid(record, at)).map(({ id }) => id);
  if (expired.length > 0) await deleteExpired(tx, expired, at);
  const all = [...reservations].sort(([a], [b]) => (keyId(a) < keyId(b) ? -1 : 1));
  await insertRecords(
    tx,
    all.map(([request, { id }]) => ({ request, resultId: id })),
    at,
  );
  await insertRows(
    tx,
    'reservations (id, user_id, status, created_at, expires_at)',
    all.map(([{ userId }, { id, status, createdAt, expiresAt }]) => [
      id,
      userId,
      status,
      createdAt,
      expiresAt,
    ]),
  );
  await insertRows(
    tx,
    'reservation_items (reservation_id, product_id, name, quantity, amount, currency)',
    all.flatMap(([, { id, items }]) =>
      items.map(({ productId, name, quantity, price }) => [
        id,
        productId,
        name,
        quantity,
        price.amount,
        price.currency,
      ]),
    ),
  );
  for (const [productId, quantity] of totals(all.flatMap(([, { items }]) => items))) {
    const matched = await tx.execute(
      'UPDATE stock SET reserved = reserved + ? WHERE product_id = ? AND on_hand - reserved >= ?',
      [quantity, productId, quantity],
    );
    if (matched === 0) throw new OvertakenError();
  }
}
