import { uuidv7 } from 'uuidv7';
import { createBatcher } from '../../shared/runtime/batcher';
import { DuplicateKeyError, type Sql, type Statements } from '../../shared/sql/sql';
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
} from '../idempotency';
import type { NewRows } from '../month-tables';
import { stampedInTime } from '../stock/repository';
import { allocate, type ProductStock } from './allocation';
import { holdingsOf, takeTurns } from './holding';
import { insertReservations, readStock, reservationById, reserveStock } from './repository';
import { type Item, type Line, type Reservation, totals } from './reservation';

/** Larger batches lock the rows for longer than they save (decision 0060). */
const MAX_BATCH_SIZE = 128;

export interface ReserveOptions {
  readonly sql: Sql;
  readonly now: () => number;
  readonly newRows: () => Promise<NewRows>;
  /** Duration of a hold. */
  readonly holdMs: number;
  /** True if concurrent reservations share transactions. */
  readonly coalesced: boolean;
  /** Called after a change of these products' stock was committed, and awaited before the answers. */
  readonly changed: (productIds: readonly string[]) => Promise<void>;
}

/** A request to reserve: `lines` by product id, each product once. */
interface Cart extends KeyedRequest {
  readonly lines: readonly Line[];
}

/** A cart is stored now, was stored by an earlier request with its key, or is refused. */
type Outcome =
  | { readonly stored: Reservation; readonly shown?: Promise<void> }
  | { readonly record: KeyRecord }
  | { readonly refused: Error };

/**
 * Reserves stock, a whole cart or nothing. The conditional UPDATE prevents overselling; the read before it only decides
 * which carts to try together.
 */
export function createReserve(options: ReserveOptions) {
  const together = (carts: readonly Cart[]) => attempt(options, carts);
  /** Each retry means that a concurrent change was committed, so the loop makes progress. */
  const alone = async (cart: Cart): Promise<Outcome> => {
    for (;;) {
      const [outcome] = await attempt(options, [cart]);
      if (outcome) return outcome;
    }
  };
  const reserve = options.coalesced ? createBatcher(together, alone, MAX_BATCH_SIZE) : alone;

  /**
   * @throws NoSuchProductError, NotOnSaleError, OutOfStockError, MixedCurrenciesError, HoldLimitError, KeyReusedError
   */
  return async (userId: string, key: string, wanted: readonly Line[]): Promise<Keyed<Reservation>> => {
    const lines = totals(wanted).map(([productId, quantity]) => ({ productId, quantity }));
    const cart = { userId, key, lines, fingerprint: fingerprint(['reserve', lines.map(Object.values)]) };
    const outcome = await reserve(cart);
    if ('refused' in outcome) throw outcome.refused;
    if ('stored' in outcome) {
      await outcome.shown;
      return { result: outcome.stored, replayed: false };
    }
    return { result: await reservationById(options.sql, sameRequest(outcome.record, cart)), replayed: true };
  };
}

/** Another process changed a product or used a key first: this transaction is rolled back. */
class OvertakenError extends Error {
  override name = 'OvertakenError';
}

/**
 * One transaction for all the carts that fit; undefined for those that must be retried. Most carts are new: the records
 * of their keys are looked up at first only once an insertion has met one of them.
 */
async function attempt(
  options: ReserveOptions,
  carts: readonly Cart[],
  lookFirst = false,
): Promise<(Outcome | undefined)[]> {
  const { sql, now, holdMs, changed } = options;
  const at = now();
  const into = await options.newRows();
  try {
    const outcomes = await sql.transaction(async (tx) => {
      const holders = await takeTurns(
        tx,
        carts.map(({ userId }) => userId),
      );
      const records = lookFirst ? await findRecords(tx, carts) : new Map<string, KeyRecord>();
      const fresh = firstOfEachKey(carts).filter((cart) => !isValid(records.get(keyId(cart)), at));
      const shelf = await readStock(
        tx,
        totals(fresh.flatMap(({ lines }) => lines)).map(([productId]) => productId),
      );
      const held = await holdingsOf(tx, holders, at);
      const { fitting, refused } = allocate(fresh, shelf, held);
      const stored = new Map(fitting.map((cart) => [cart, reservationOf(cart, shelf, at, holdMs)]));
      if (stored.size > 0) await store(tx, stored, [...records.values()], { at, now, into });
      // A repeated request is answered with its record, whatever is in stock now.
      const left = lookFirst ? [] : carts.filter((cart) => !stored.has(cart));
      const found = left.length > 0 ? await findRecords(tx, left) : records;
      return carts.map((cart) => outcomeOf(cart, stored, refused, found.get(keyId(cart)), at));
    });
    const reserved = outcomes.flatMap((outcome) =>
      outcome && 'stored' in outcome ? outcome.stored.items : [],
    );
    // Each buyer waits until others see it; the next transaction does not.
    const shown = changed(totals(reserved).map(([productId]) => productId));
    return outcomes.map((outcome) => (outcome && 'stored' in outcome ? { ...outcome, shown } : outcome));
  } catch (error) {
    if (error instanceof DuplicateKeyError && !lookFirst) return attempt(options, carts, true);
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
  if (record && isValid(record, at)) return { record };
  return refused && { refused };
}

const isValid = (record: KeyRecord | undefined, at: number): boolean =>
  record !== undefined && record.expiresAt > at;

/** The others find the record of the first one when they are retried. */
function firstOfEachKey(carts: readonly Cart[]): Cart[] {
  const seen = new Set<string>();
  return carts.filter((cart) => {
    const first = !seen.has(keyId(cart));
    seen.add(keyId(cart));
    return first;
  });
}

function reservationOf(
  cart: Cart,
  shelf: ReadonlyMap<string, ProductStock>,
  at: number,
  holdMs: number,
): Reservation {
  const items = cart.lines.flatMap(({ productId, quantity }): Item[] => {
    const product = shelf.get(productId);
    return product ? [{ productId, name: product.name, quantity, price: product.price }] : [];
  });
  return { id: uuidv7(), status: 'held', items, createdAt: at, expiresAt: at + holdMs };
}

/** Inserts first; the contended stock rows last and in the order of their ids, for short locks without deadlocks. */
async function store(
  tx: Statements,
  reservations: ReadonlyMap<Cart, Reservation>,
  records: readonly KeyRecord[],
  { at, now, into }: { readonly at: number; readonly now: () => number; readonly into: NewRows },
): Promise<void> {
  const expired = records.filter((record) => !isValid(record, at)).map(({ id }) => id);
  if (expired.length > 0) await deleteExpired(tx, expired, at);
  const all = [...reservations].sort(([a], [b]) => (keyId(a) < keyId(b) ? -1 : 1));
  await insertRecords(
    tx,
    all.map(([request, { id }]) => ({ request, resultId: id })),
    at,
  );
  await insertReservations(
    tx,
    all.map(([{ userId }, reservation]) => ({ userId, reservation })),
    into,
  );
  const wanted = new Map(totals(all.flatMap(([, { items }]) => items)));
  await stampedInTime(tx, [...wanted.keys()], now, async (productId, changedAt) => {
    if (!(await reserveStock(tx, productId, wanted.get(productId) ?? 0, changedAt)))
      throw new OvertakenError();
  });
}
