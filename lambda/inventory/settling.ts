import { uuidv7 } from 'uuidv7';
import { limit, type Sql, type Statements } from '../shared/sql';
import { NotHeldError } from './errors';
import { type Reservation, type Status, statusAt, totals } from './reservation';
import { ownReservation } from './reservations';
import { among, insertRows } from './rows';

const AT_ONCE = 100;

export interface SettlingDeps {
  readonly sql: Sql;
  readonly now: () => number;
  /** Called after the stock of these products was changed and stored. */
  readonly changed: (productIds: readonly string[]) => void;
}

export type Settling = ReturnType<typeof createSettling>;

/**
 * The end of a reservation. Whoever moves its row out of `held` has ended it and moves the stock, in one transaction:
 * confirm, release and expiry may come at once, from several processes, and one of them happens.
 */
export function createSettling({ sql, now, changed }: SettlingDeps) {
  const settle = async (ids: readonly string[], to: Ending, at: number): Promise<string[]> => {
    const { settled, products } = await sql.transaction((tx) => settleAll(tx, [...ids].sort(), to, at));
    changed(products);
    return settled;
  };

  const settleOwn =
    (to: 'confirmed' | 'released') =>
    async (userId: string, id: string): Promise<Reservation> => {
      await ownReservation(sql, userId, id);
      await settle([id], to, now());
      const reservation = await ownReservation(sql, userId, id);
      const status = statusAt(reservation, now());
      if (status !== to) throw new NotHeldError(`The reservation ${id} is ${status} already`);
      return reservation;
    };

  /** Ends all that the statement finds, some at a time, and returns how many this process ended. */
  const settleFound = async (
    find: (at: number) => Promise<{ id: string }[]>,
    to: Ending,
  ): Promise<number> => {
    for (let sum = 0; ; ) {
      const at = now();
      const found = await find(at);
      if (found.length > 0)
        sum += (
          await settle(
            found.map(({ id }) => id),
            to,
            at,
          )
        ).length;
      if (found.length < AT_ONCE) return sum;
    }
  };

  return {
    /** Sells what is held; again: no change. @throws NoSuchReservationError, NotHeldError */
    confirm: settleOwn('confirmed'),
    /** Gives back what is held; again: no change. @throws NoSuchReservationError, NotHeldError */
    release: settleOwn('released'),
    /** Gives back what was held for too long. Several processes may do it at once. */
    expireDue: () => settleFound((at) => due(sql, at), 'expired'),
    /** Gives back what a user holds. */
    releaseAllOf: (userId: string) => settleFound((at) => heldBy(sql, userId, at), 'released'),
  };
}

type Ending = Exclude<Status, 'held'>;

async function settleAll(tx: Statements, ids: readonly string[], to: Ending, at: number) {
  const settled: string[] = [];
  for (const id of ids) if (await leaveHeld(tx, id, to, at)) settled.push(id);
  if (settled.length === 0) return { settled, products: [] };
  const items = await itemsOf(tx, settled);
  if (to === 'confirmed') await insertSold(tx, items, at);
  const changes = totals(items);
  for (const [productId, quantity] of changes) await moveStock(tx, productId, quantity, to);
  return { settled, products: changes.map(([productId]) => productId) };
}

/** Time decides who may: until `expires_at` the buyer, from then on the sweeper. */
async function leaveHeld({ execute }: Statements, id: string, to: Ending, at: number): Promise<boolean> {
  const inTime = to === 'expired' ? 'expires_at <= ?' : 'expires_at > ?';
  const matched = await execute(
    `UPDATE reservations SET status = ? WHERE id = ? AND status = 'held' AND ${inTime}`,
    [to, id, at],
  );
  return matched === 1;
}

interface HeldItem {
  readonly reservationId: string;
  readonly productId: string;
  readonly quantity: number;
}

function itemsOf({ query }: Statements, ids: readonly string[]): Promise<HeldItem[]> {
  const { sql, values } = among(ids);
  return query(
    `SELECT reservation_id AS reservationId, product_id AS productId, quantity
     FROM reservation_items WHERE reservation_id ${sql}`,
    values,
  );
}

const insertSold = (tx: Statements, items: readonly HeldItem[], at: number): Promise<void> =>
  insertRows(
    tx,
    'ledger (id, product_id, kind, quantity, reservation_id, created_at)',
    items.map(({ reservationId, productId, quantity }) => [
      uuidv7(),
      productId,
      'sold',
      -quantity,
      reservationId,
      at,
    ]),
  );

function moveStock(
  { execute }: Statements,
  productId: string,
  quantity: number,
  to: Ending,
): Promise<number> {
  if (to === 'confirmed') {
    return execute('UPDATE stock SET on_hand = on_hand - ?, reserved = reserved - ? WHERE product_id = ?', [
      ...[quantity, quantity],
      productId,
    ]);
  }
  return execute('UPDATE stock SET reserved = reserved - ? WHERE product_id = ?', [quantity, productId]);
}

const due = ({ query }: Statements, at: number): Promise<{ id: string }[]> =>
  query(
    `SELECT id FROM reservations WHERE status = 'held' AND expires_at <= ? ORDER BY expires_at ${limit(AT_ONCE)}`,
    [at],
  );

const heldBy = ({ query }: Statements, userId: string, at: number): Promise<{ id: string }[]> =>
  query(
    `SELECT id FROM reservations WHERE user_id = ? AND status = 'held' AND expires_at > ? ORDER BY id ${limit(AT_ONCE)}`,
    [userId, at],
  );
