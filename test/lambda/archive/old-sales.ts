import { randomBytes } from 'node:crypto';
import { idFloor } from '../../../lambda/inventory/month-ids';
import { acrossParts, type NewRows } from '../../../lambda/inventory/month-tables';
import { insertRows } from '../../../lambda/shared/sql/bulk-sql';
import type { Sql } from '../../../lambda/shared/sql/sql';

export interface Sales {
  readonly at: number;
  readonly product: string;
  readonly count: number;
  readonly user?: string;
  /** Default: the tables of the first phases. */
  readonly into?: NewRows;
}

const idAt = (at: number) =>
  `${idFloor(at)}-7${randomBytes(2).toString('hex').slice(1)}-8${randomBytes(2).toString('hex').slice(1)}-${randomBytes(6).toString('hex')}`;

/** Goods that were received at a time, reserved and bought; every third reservation expired. The stock is as before. */
export async function addOldSales(sql: Sql, sales: Sales): Promise<void> {
  const { at, product, count, user = 'buyer', into = '' } = sales;
  await sql.transaction(async (tx) => {
    const lines = Array.from({ length: count }, (_, n) => ({
      id: idAt(at + n),
      bought: n % 3 !== 2,
      made: at + n,
    }));
    const sold = lines.filter(({ bought }) => bought);
    await insertRows(
      tx,
      `${into}ledger (id, product_id, kind, quantity, reason, user_id, reservation_id, created_at)`,
      [
        [idAt(at), product, 'received', sold.length, 'ware | =~ \\N "ü" 🫖', user, null, at],
        ...sold.map(({ id, made }) => [idAt(made), product, 'sold', -1, null, null, id, made]),
      ],
    );
    await insertRows(
      tx,
      `${into}reservations (id, user_id, status, created_at, expires_at)`,
      lines.map(({ id, bought, made }) => [id, user, bought ? 'confirmed' : 'expired', made, made + 900_000]),
    );
    await insertRows(
      tx,
      `${into}reservation_items (reservation_id, product_id, name, quantity, amount, currency)`,
      lines.map(({ id }) => [id, product, 'Kanne, „blau“', 1, 1299, 'EUR']),
    );
  });
}

/** The ids of all rows here, sorted. */
export async function idsHere(sql: Sql): Promise<Record<'ledger' | 'reservations' | 'items', string[]>> {
  const ids = async (id: string, table: string) =>
    (await acrossParts<{ id: string }>(sql, (part) => `SELECT ${id} AS id FROM ${part}${table}`, []))
      .map((row) => row.id)
      .sort();
  return {
    ledger: await ids('id', 'ledger'),
    reservations: await ids('id', 'reservations'),
    items: await ids('reservation_id', 'reservation_items'),
  };
}
