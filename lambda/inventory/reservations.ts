import type { Statements } from '../shared/sql';
import { NoSuchReservationError } from './errors';
import { limitFor, type Page, type PageOf, page } from './paging';
import type { Item, Reservation, Status } from './reservation';
import { among } from './rows';

/** A user's own reservation. @throws NoSuchReservationError when it is somebody else's, or nobody's */
export async function ownReservation(sql: Statements, userId: string, id: string): Promise<Reservation> {
  const [found] = await withItems(
    sql,
    await sql.query<Row>(`${SELECT} WHERE id = ? AND user_id = ?`, [id, userId]),
  );
  if (!found) throw new NoSuchReservationError(`You have no reservation ${id}`);
  return found;
}

/** A user's own reservations, newest first. */
export async function ownReservations(
  sql: Statements,
  userId: string,
  { limit, after }: PageOf,
): Promise<Page<Reservation>> {
  const rows = await sql.query<Row>(
    `${SELECT} WHERE user_id = ? ${after === undefined ? '' : 'AND id < ?'} ORDER BY id DESC ${limitFor(limit)}`,
    after === undefined ? [userId] : [userId, after],
  );
  const { items, ...next } = page(rows, limit);
  return { items: await withItems(sql, items), ...next };
}

/** A reservation that is known to be there. */
export async function reservationById(sql: Statements, id: string): Promise<Reservation> {
  const [found] = await withItems(sql, await sql.query<Row>(`${SELECT} WHERE id = ?`, [id]));
  if (!found) throw new Error(`There is no reservation ${id}, though its key is recorded`);
  return found;
}

interface Row {
  readonly id: string;
  readonly status: Status;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const SELECT = 'SELECT id, status, created_at AS createdAt, expires_at AS expiresAt FROM reservations';

interface ItemRow {
  readonly reservationId: string;
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly amount: number;
  readonly currency: string;
}

async function withItems({ query }: Statements, rows: readonly Row[]): Promise<Reservation[]> {
  if (rows.length === 0) return [];
  const ids = among(rows.map(({ id }) => id));
  const items = await query<ItemRow>(
    `SELECT reservation_id AS reservationId, product_id AS productId, name, quantity, amount, currency
     FROM reservation_items WHERE reservation_id ${ids.sql} ORDER BY reservation_id, product_id`,
    ids.values,
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
