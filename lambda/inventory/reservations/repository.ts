import { uuidv7 } from 'uuidv7';
import { among, insertRows } from '../../shared/sql/bulk-sql';
import { limitFor, type Page, type PageOf, page } from '../../shared/sql/pagination';
import { forceIndex, inThisOrder, limit, type Statements } from '../../shared/sql/sql';
import { idFloor } from '../month-ids';
import { acrossParts, keptFrom, type NewRows, OPEN_PARTS, type Part } from '../month-tables';
import { REVISED } from '../stock/repository';
import type { ProductStock } from './allocation';
import { ArchivedReservationError, NoSuchReservationError } from './errors';
import type { Ending, Item, Reservation, Status } from './reservation';

/**
 * @throws NoSuchReservationError if the reservation does not exist or belongs to another user
 * @throws ArchivedReservationError if the id is from a time of which nothing is kept here
 */
export async function ownReservation(sql: Statements, userId: string, id: string): Promise<Reservation> {
  const rows = await acrossParts<Row>(sql, (part) => `${select(part)} WHERE id = ? AND user_id = ?`, [
    id,
    userId,
  ]);
  const [found] = await withItems(sql, rows);
  if (found) return found;
  const kept = await keptFrom(sql);
  if (kept !== undefined && id < idFloor(kept)) throw new ArchivedReservationError(id, kept);
  throw new NoSuchReservationError(`None of your reservations has the id ${id}`);
}

/** The user's reservations, newest first. */
export async function ownReservations(
  sql: Statements,
  userId: string,
  { limit, after }: PageOf,
): Promise<Page<Reservation>> {
  const newest = `ORDER BY id DESC ${limitFor(limit)}`;
  const rows = await acrossParts<Row>(
    sql,
    (part) => `${select(part)} ${forceIndex(`${indexed(part)}reservations_by_user`)} WHERE user_id = ?
     ${after === undefined ? '' : 'AND id < ?'} ${newest}`,
    after === undefined ? [userId] : [userId, after],
    { end: newest },
  );
  const { items, ...next } = page(rows, limit);
  return { items: await withItems(sql, items), ...next };
}

/** Those of all users, newest first, with the buyer of each: null once the account was deleted. */
export async function allReservations(
  sql: Statements,
  { limit, after }: PageOf,
): Promise<Page<Reservation & { readonly userId: string | null }>> {
  const newest = `ORDER BY id DESC ${limitFor(limit)}`;
  const rows = await acrossParts<Row & { readonly userId: string | null }>(
    sql,
    (part) => `SELECT ${COLUMNS}, user_id AS userId FROM ${part}reservations
     ${after === undefined ? '' : 'WHERE id < ?'} ${newest}`,
    after === undefined ? [] : [after],
    { end: newest },
  );
  const { items, ...next } = page(rows, limit);
  return { items: await withItems(sql, items), ...next };
}

/** A reservation that is known to exist. */
export async function reservationById(sql: Statements, id: string): Promise<Reservation> {
  const rows = await acrossParts<Row>(sql, (part) => `${select(part)} WHERE id = ?`, [id]);
  const [found] = await withItems(sql, rows);
  if (!found) throw new Error(`The reservation ${id} does not exist, although its key is recorded`);
  return found;
}

interface Row {
  readonly id: string;
  readonly status: Status;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const COLUMNS = 'id, status, created_at AS createdAt, expires_at AS expiresAt';
const select = (part: Part) => `SELECT ${COLUMNS} FROM ${part}reservations`;

/** A month that leaves has the indexes of the table that it comes from. */
const indexed = (part: Part) => (part === 'leaving_' ? 'monthly_' : part);

interface ItemRow {
  readonly reservationId: string;
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly amount: number;
  readonly currency: string;
}

async function withItems<Found extends Row>(
  sql: Statements,
  rows: readonly Found[],
): Promise<(Found & Reservation)[]> {
  if (rows.length === 0) return [];
  const ids = among(rows.map(({ id }) => id));
  const items = await acrossParts<ItemRow>(
    sql,
    (
      part,
    ) => `SELECT reservation_id AS reservationId, product_id AS productId, name, quantity, amount, currency
     FROM ${part}reservation_items WHERE reservation_id ${ids.sql}`,
    ids.values,
    { end: 'ORDER BY reservationId, productId' },
  );
  return rows.map((row) => ({
    ...row,
    items: items.filter(({ reservationId }) => reservationId === row.id).map(itemFrom),
  }));
}

const itemFrom = ({ productId, name, quantity, amount, currency }: ItemRow): Item => ({
  ...{ productId, name, quantity },
  price: { amount, currency },
});

/** Name, price and available stock by product id; ids that do not exist are left out. */
export async function readStock(
  { query }: Statements,
  wanted: readonly string[],
): Promise<Map<string, ProductStock>> {
  if (wanted.length === 0) return new Map();
  const ids = among(wanted);
  const rows = await query<ShelfRow>(
    `SELECT ${inThisOrder}
       p.id, p.name, p.amount, p.currency, p.off_sale AS offSale, s.on_hand - s.reserved AS available
     FROM products p JOIN stock s ${forceIndex('PRIMARY')} ON s.product_id = p.id WHERE p.id ${ids.sql}`,
    ids.values,
  );
  return new Map(
    rows.map(({ id, name, amount, currency, offSale, available }) => [
      id,
      { name, price: { amount, currency }, onSale: offSale === 0, available },
    ]),
  );
}

interface ShelfRow {
  readonly id: string;
  readonly name: string;
  readonly amount: number;
  readonly currency: string;
  readonly offSale: number;
  readonly available: number;
}

/**
 * The buyer may end a reservation until `expires_at`, the sweeper from then on. The condition of this UPDATE is the
 * guard against selling a reservation twice: no unique key of the ledger repeats it (decision 0191). A held reservation
 * stays in its table. Returns the number of those that were held.
 */
export async function leaveHeld(
  { execute }: Statements,
  ids: readonly string[],
  to: Ending,
  at: number,
  newRows: NewRows,
): Promise<number> {
  const some = among(ids);
  const inTime = to === 'expired' ? 'expires_at <= ?' : 'expires_at > ?';
  let left = ids.length;
  // Most are in the table of the new ones.
  for (const part of newRows === '' ? OPEN_PARTS : OPEN_PARTS.toReversed()) {
    left -= await execute(
      `UPDATE ${part}reservations ${forceIndex('PRIMARY')} SET status = ?
       WHERE id ${some.sql} AND status = 'held' AND ${inTime}`,
      [to, ...some.values, at],
    );
    if (left === 0) break;
  }
  return ids.length - left;
}

export interface HeldItem {
  readonly reservationId: string;
  readonly productId: string;
  readonly quantity: number;
}

/** Of reservations that were held a moment ago. */
export function itemsOf(tx: Statements, ids: readonly string[]): Promise<HeldItem[]> {
  const { sql, values } = among(ids);
  return acrossParts(
    tx,
    (part) => `SELECT reservation_id AS reservationId, product_id AS productId, quantity
     FROM ${part}reservation_items WHERE reservation_id ${sql}`,
    values,
    { parts: OPEN_PARTS },
  );
}

export const insertSold = (
  tx: Statements,
  items: readonly HeldItem[],
  at: number,
  newRows: NewRows,
): Promise<void> =>
  insertRows(
    tx,
    `${newRows}ledger (id, product_id, kind, quantity, reservation_id, created_at)`,
    items.map(({ reservationId, productId, quantity }) => [
      uuidv7(),
      productId,
      'sold',
      -quantity,
      reservationId,
      at,
    ]),
  );

export function moveStock(
  { execute }: Statements,
  productId: string,
  quantity: number,
  to: Ending,
  at: number,
): Promise<number> {
  const sold = to === 'confirmed' ? quantity : 0;
  return execute(
    `UPDATE stock SET on_hand = on_hand - ?, reserved = reserved - ?, ${REVISED} WHERE product_id = ?`,
    [sold, quantity, at, productId],
  );
}

/** Of each table at most so many. */
export const findDue = (sql: Statements, at: number, most: number): Promise<{ id: string }[]> =>
  acrossParts(
    sql,
    (part) => `SELECT id FROM ${part}reservations ${forceIndex(`${indexed(part)}reservations_by_status`)}
     WHERE status = 'held' AND expires_at <= ? ORDER BY expires_at ${limit(most)}`,
    [at],
    { parts: OPEN_PARTS },
  );

export function findSomeOf(sql: Statements, userId: string, after: string, most: number) {
  const some = `ORDER BY id ${limit(most)}`;
  return acrossParts<{ id: string; status: Status }>(
    sql,
    (
      part,
    ) => `SELECT id, status FROM ${part}reservations ${forceIndex(`${indexed(part)}reservations_by_user`)}
     WHERE user_id = ? AND id > ? ${some}`,
    [userId, after],
    { end: some },
  );
}

/** `userId`: the owner of each reservation. */
export async function insertReservations(
  tx: Statements,
  reservations: readonly { readonly userId: string; readonly reservation: Reservation }[],
  newRows: NewRows,
): Promise<void> {
  await insertRows(
    tx,
    `${newRows}reservations (id, user_id, status, created_at, expires_at)`,
    reservations.map(({ userId, reservation: { id, status, createdAt, expiresAt } }) => [
      id,
      userId,
      status,
      createdAt,
      expiresAt,
    ]),
  );
  await insertRows(
    tx,
    `${newRows}reservation_items (reservation_id, product_id, name, quantity, amount, currency)`,
    reservations.flatMap(({ reservation: { id, items } }) =>
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
}

/** False if too few are available. The condition of this UPDATE is the shop's guard against overselling. */
export async function reserveStock(
  { execute }: Statements,
  productId: string,
  quantity: number,
  at: number,
): Promise<boolean> {
  const matched = await execute(
    `UPDATE stock SET reserved = reserved + ?, ${REVISED} WHERE product_id = ? AND on_hand - reserved >= ?`,
    [quantity, at, productId, quantity],
  );
  return matched === 1;
}
