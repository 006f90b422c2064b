import { idFloor } from '../inventory/month-ids';
import type { Sql, Statements } from '../shared/sql/sql';
import { KIND_NAMES, type Kind, planOf } from './kinds';
import { monthStart, partitionName, startOf } from './months';

/** Months beyond the present one that have a partition before their first row. */
const AHEAD = 3;
/** Two partitions with fewer rows are made one without a pause that anybody notices. */
const FEW_ROWS = 10_000;

const monthly = (kind: Kind) => `monthly_${planOf(kind).table}`;
const leaving = (kind: Kind) => `leaving_${planOf(kind).table}`;
const idOf = (kind: Kind) => planOf(kind).key[0];

/** SQLite has no partitions: there rows are moved, by the same steps. The comment is read by the others alone. */
async function hasPartitions({ query }: Statements): Promise<boolean> {
  const [row] = await query<{ some: number }>('SELECT 0 /*! + 1 */ AS some');
  return row?.some === 1;
}

/** One at a time, of all processes. A change of a table waits for those who use it, and lets them pass in between. */
const alone = <Result>(sql: Sql, work: (session: Statements) => Promise<Result>): Promise<Result> =>
  sql.exclusively('archive', work);

/**
 * Gives each month a partition before its first row, from the first one that is kept on. Older rows are in `earlier`.
 * Without rows in `later` this changes no row. Idempotent.
 */
export async function openMonths(sql: Sql, at: number, firstKept: number): Promise<void> {
  if (!(await hasPartitions(sql))) return;
  await alone(sql, async (session) => {
    for (const kind of KIND_NAMES) {
      const names = await partitionsOf(session, kind);
      const last = names.map(startOf).findLast((start) => start !== undefined);
      const first = last === undefined ? firstKept : monthStart(last, 1);
      const months: number[] = [];
      for (let start = first; start <= monthStart(at, AHEAD); start = monthStart(start, 1))
        months.push(start);
      if (months.length === 0) continue;
      const parts = [
        ...(last === undefined ? [partition('earlier', first)] : []),
        ...months.map((start) => partition(partitionName(start), monthStart(start, 1))),
        'PARTITION later VALUES LESS THAN (MAXVALUE)',
      ];
      await session.execute(
        `ALTER TABLE ${monthly(kind)} REORGANIZE PARTITION later INTO (${parts.join(', ')})`,
      );
    }
  });
}

const partition = (name: string, end: number) => `PARTITION ${name} VALUES LESS THAN ('${idFloor(end)}')`;

/**
 * Makes months that have left a part of `earlier`, so that the number of partitions stays small. What came late moves
 * along: no row is ever dropped by this. Idempotent.
 */
export async function closeMonths(sql: Sql, firstKept: number): Promise<void> {
  if (!(await hasPartitions(sql))) return;
  await alone(sql, async (session) => {
    for (const start of await monthsBefore(session, firstKept)) {
      const name = partitionName(start);
      const open: Kind[] = [];
      for (const kind of KIND_NAMES) if ((await partitionsOf(session, kind)).includes(name)) open.push(kind);
      for (const kind of open) if (!(await isSmall(session, kind, name))) return;
      for (const kind of open)
        await session.execute(
          `ALTER TABLE ${monthly(kind)} REORGANIZE PARTITION earlier, ${name}
           INTO (${partition('earlier', monthStart(start, 1))})`,
        );
    }
  });
}

async function monthsBefore(session: Statements, firstKept: number): Promise<number[]> {
  const starts = new Set<number>();
  for (const kind of KIND_NAMES) {
    for (const name of await partitionsOf(session, kind)) {
      const start = startOf(name);
      if (start !== undefined && start < firstKept) starts.add(start);
    }
  }
  return [...starts].sort((a, b) => a - b);
}

async function isSmall(session: Statements, kind: Kind, name: string): Promise<boolean> {
  const [counted] = await session.query<{ n: number }>(
    `SELECT COUNT(*) AS n FROM (SELECT 1 FROM ${monthly(kind)} PARTITION (earlier, ${name}) LIMIT ${FEW_ROWS}) some`,
  );
  return (counted?.n ?? 0) < FEW_ROWS;
}

async function partitionsOf({ query }: Statements, kind: Kind): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY PARTITION_ORDINAL_POSITION`,
    [monthly(kind)],
  );
  return rows.map(({ name }) => name);
}

/**
 * The id below which the oldest rows may leave: those of one month at a time. Undefined if nothing from before the kept
 * months is here, or if one of its reservations is still open.
 */
export async function nextToLeave(sql: Sql, firstKept: number): Promise<string | undefined> {
  const ends = (await hasPartitions(sql)) ? await endsBefore(sql, firstKept) : [firstKept];
  for (const end of ends) {
    const below = idFloor(end);
    if (!(await hasRows(sql, below))) continue;
    const [open] = await sql.query(
      "SELECT id FROM monthly_reservations WHERE status = 'held' AND id < ? LIMIT 1",
      [below],
    );
    return open ? undefined : below;
  }
  return undefined;
}

/** Of `earlier`, and of each month after it. */
async function endsBefore(sql: Statements, firstKept: number): Promise<number[]> {
  const starts = (await partitionsOf(sql, 'ledger')).map(startOf).filter((start) => start !== undefined);
  return starts
    .slice(0, 1)
    .concat(starts.map((start) => monthStart(start, 1)))
    .filter((end) => end <= firstKept);
}

async function hasRows({ query }: Statements, below: string): Promise<boolean> {
  for (const kind of KIND_NAMES) {
    const [row] = await query(`SELECT 1 AS one FROM ${monthly(kind)} WHERE ${idOf(kind)} < ? LIMIT 1`, [
      below,
    ]);
    if (row) return true;
  }
  return false;
}

/**
 * Takes the rows below an id out of the tables of months into those that leave, where nobody changes them. A partition
 * changes places with an empty table, in a moment, whatever its size: rows that come later are not touched. Idempotent:
 * a table that has rows to leave is not exchanged again. Reservations that are still open go back.
 */
export async function detach(sql: Sql, below: string): Promise<void> {
  const partitions = await hasPartitions(sql);
  await alone(sql, async (session) => {
    for (const kind of KIND_NAMES) {
      const [there] = await session.query(`SELECT 1 AS one FROM ${leaving(kind)} LIMIT 1`);
      if (there) continue;
      if (partitions) await exchange(session, kind, below);
      else await moveBelow(session, kind, below);
    }
  });
  await sql.transaction(async (tx) => {
    const held = "IN (SELECT id FROM leaving_reservations WHERE status = 'held')";
    await moved(tx, 'items', `reservation_id ${held}`);
    await moved(tx, 'reservations', "status = 'held'");
  });
}

async function exchange(session: Statements, kind: Kind, below: string): Promise<void> {
  for (const name of await partitionsOf(session, kind)) {
    const start = startOf(name);
    const end = start === undefined ? undefined : idFloor(monthStart(start, 1));
    const first = name === 'earlier' ? await firstEnd(session, kind) : end;
    if (first !== below) continue;
    await session.execute(
      `ALTER TABLE ${monthly(kind)} EXCHANGE PARTITION ${name} WITH TABLE ${leaving(kind)}`,
    );
    return;
  }
}

async function firstEnd(session: Statements, kind: Kind): Promise<string | undefined> {
  const start = (await partitionsOf(session, kind)).map(startOf).find((found) => found !== undefined);
  return start === undefined ? undefined : idFloor(start);
}

async function moveBelow({ execute }: Statements, kind: Kind, below: string): Promise<void> {
  const where = `WHERE ${idOf(kind)} < ?`;
  await execute(`INSERT INTO ${leaving(kind)} SELECT * FROM ${monthly(kind)} ${where}`, [below]);
  await execute(`DELETE FROM ${monthly(kind)} ${where}`, [below]);
}

/** Back to the tables of months. */
async function moved({ execute }: Statements, kind: Kind, where: string): Promise<void> {
  await execute(`INSERT INTO ${monthly(kind)} SELECT * FROM ${leaving(kind)} WHERE ${where}`);
  await execute(`DELETE FROM ${leaving(kind)} WHERE ${where}`);
}

/** Empties the tables that leave. Only after the warehouse has their rows. Idempotent. */
export async function dropLeaving(sql: Sql): Promise<void> {
  const empty = (await hasPartitions(sql)) ? 'TRUNCATE TABLE' : 'DELETE FROM';
  await alone(sql, async ({ execute }) => {
    for (const kind of KIND_NAMES) await execute(`${empty} ${leaving(kind)}`);
  });
}
