import { among } from '../shared/sql/bulk-sql';
import type { Sql, Statements } from '../shared/sql/sql';
import { limit } from '../shared/sql/sql';

const ROWS = 128;

/**
 * Moves rows of the tables of the first phases to those of months, some with each transaction, while the shop goes on;
 * held reservations stay until they have ended. Stops early when `late`. Returns true when nothing is left to move.
 */
export async function drain(sql: Sql, late: () => boolean): Promise<boolean> {
  const ledger = async () => move(sql, 'ledger', 'id > ?', moveLedger);
  const reservations = async () => move(sql, 'reservations', "status <> 'held' AND id > ?", moveReservations);
  return (await whole(ledger, late)) && (await whole(reservations, late));
}

async function whole(step: () => Promise<number>, late: () => boolean): Promise<boolean> {
  while (!late()) if ((await step()) < ROWS) return true;
  return false;
}

async function move(
  sql: Sql,
  table: string,
  where: string,
  work: (tx: Statements, ids: readonly string[]) => Promise<void>,
): Promise<number> {
  const found = await sql.query<{ id: string }>(
    `SELECT id FROM ${table} WHERE ${where} ORDER BY id ${limit(ROWS)}`,
    [''],
  );
  if (found.length > 0)
    await sql.transaction((tx) =>
      work(
        tx,
        found.map(({ id }) => id),
      ),
    );
  return found.length;
}

/** The first UPDATE takes the locks: a user that is forgotten meanwhile is so before it or after it. */
async function moveLedger({ execute }: Statements, ids: readonly string[]): Promise<void> {
  const { sql, values } = among(ids);
  await execute(`UPDATE ledger SET quantity = quantity WHERE id ${sql}`, values);
  await execute(`INSERT INTO monthly_ledger SELECT * FROM ledger WHERE id ${sql}`, values);
  await execute(`DELETE FROM ledger WHERE id ${sql}`, values);
}

async function moveReservations({ execute }: Statements, ids: readonly string[]): Promise<void> {
  const { sql, values } = among(ids);
  await execute(`UPDATE reservations SET status = status WHERE id ${sql}`, values);
  for (const [table, key] of [
    ['reservation_items', 'reservation_id'],
    ['reservations', 'id'],
  ]) {
    await execute(`INSERT INTO monthly_${table} SELECT * FROM ${table} WHERE ${key} ${sql}`, values);
    await execute(`DELETE FROM ${table} WHERE ${key} ${sql}`, values);
  }
}
