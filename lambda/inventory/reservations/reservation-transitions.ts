import type { Sql, Statements } from '../../shared/sql/sql';
import type { NewRows } from '../month-tables';
import { stampedInTime } from '../stock/repository';
import { NotHeldError } from './errors';
import { findDue, findSomeOf, insertSold, itemsOf, leaveHeld, moveStock, ownReservation } from './repository';
import { type Ending, type Reservation, statusAt, totals } from './reservation';

const BATCH_SIZE = 100;

export interface TransitionsOptions {
  readonly sql: Sql;
  readonly now: () => number;
  readonly newRows: () => Promise<NewRows>;
  /** Called after a change of these products' stock was committed, and awaited before the answer. */
  readonly changed: (productIds: readonly string[]) => Promise<void>;
}

/**
 * Ends reservations. One transaction moves the row out of `held` and adjusts the stock, so of concurrent confirm,
 * release and expiry, in any process, exactly one takes effect.
 */
export function createTransitions({ sql, now, newRows, changed }: TransitionsOptions) {
  const settleTogether = async (ids: readonly string[], to: Ending, at: number): Promise<number> => {
    const into = await newRows();
    const { settled, products } = await sql.transaction((tx) =>
      settleAll(tx, [...ids].sort(), { to, at, now, into }),
    );
    await changed(products);
    return settled;
  };

  /** Returns the number that this process ended. */
  const settle = async (ids: readonly string[], to: Ending, at: number): Promise<number> => {
    try {
      return await settleTogether(ids, to, at);
    } catch (error) {
      if (!(error instanceof SomeEndedError)) throw error;
    }
    let sum = 0;
    for (const id of ids) sum += await settleTogether([id], to, at);
    return sum;
  };

  const settleOwn =
    (to: 'confirmed' | 'released') =>
    async (userId: string, id: string): Promise<Reservation> => {
      const found = await ownReservation(sql, userId, id);
      if ((await settle([id], to, now())) === 1) return { ...found, status: to };
      const reservation = await ownReservation(sql, userId, id);
      const status = statusAt(reservation, now());
      if (status !== to) throw new NotHeldError(`The reservation ${id} is already ${status}`);
      return reservation;
    };

  /** Ends all reservations that the statement finds, in batches. Returns the number that this process ended. */
  const settleFound = async (
    find: (at: number) => Promise<{ id: string }[]>,
    to: Ending,
  ): Promise<number> => {
    for (let sum = 0; ; ) {
      const at = now();
      const found = await find(at);
      const ids = found.map(({ id }) => id);
      if (ids.length > 0) sum += await settle(ids, to, at);
      if (found.length < BATCH_SIZE) return sum;
    }
  };

  return {
    /** Sells the items. Idempotent. @throws NoSuchReservationError, NotHeldError */
    confirm: settleOwn('confirmed'),
    /** Returns the items to stock. Idempotent. @throws NoSuchReservationError, NotHeldError */
    release: settleOwn('released'),
    /** Releases reservations that have expired. Safe to run in several processes. */
    expireDue: () => settleFound((at) => findDue(sql, at, BATCH_SIZE), 'expired'),
    /** Releases all held reservations of a user, going through all of the user's reservations. */
    releaseAllOf: async (userId: string): Promise<void> => {
      for (let after = ''; ; ) {
        const own = await findSomeOf(sql, userId, after, BATCH_SIZE);
        const held = own.filter(({ status }) => status === 'held').map(({ id }) => id);
        if (held.length > 0) await settle(held, 'released', now());
        if (own.length < BATCH_SIZE) return;
        after = own.at(-1)?.id ?? after;
      }
    },
  };
}

interface Settling {
  readonly to: Ending;
  readonly at: number;
  readonly now: () => number;
  readonly into: NewRows;
}

/** Of several reservations some were ended by another request since they were found: end each by itself. */
class SomeEndedError extends Error {
  override name = 'SomeEndedError';
}

async function settleAll(tx: Statements, ids: readonly string[], { to, at, now, into }: Settling) {
  const settled = await leaveHeld(tx, ids, to, at, into);
  if (settled === 0) return { settled, products: [] };
  if (settled < ids.length) throw new SomeEndedError();
  const items = await itemsOf(tx, ids);
  if (to === 'confirmed') await insertSold(tx, items, at, into);
  const changes = new Map(totals(items));
  const products = [...changes.keys()];
  await stampedInTime(tx, products, now, async (productId, changedAt) => {
    await moveStock(tx, productId, changes.get(productId) ?? 0, to, changedAt);
  });
  return { settled, products };
}
