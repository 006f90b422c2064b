import { DuplicateKeyError, type Sql, type SqlValue, type Statements } from '../shared/sql/sql';

/**
 * Rows live in the table of the first phases, in one that is divided by months, or in one in which a month waits until
 * the warehouse has it. They move in this order and never back, except a reservation that is still open.
 */
export const PARTS = ['', 'monthly_', 'leaving_'] as const;

export type Part = (typeof PARTS)[number];

/** The tables that new rows go to. Open reservations are nowhere else. */
export type NewRows = Exclude<Part, 'leaving_'>;

export const OPEN_PARTS: readonly NewRows[] = ['', 'monthly_'];

export interface Across {
  /** ORDER BY and LIMIT of the whole; `select` then needs them too. Default: none. */
  readonly end?: string;
  /** Default: all. */
  readonly parts?: readonly Part[];
}

/** One SELECT over the tables of several parts: a single statement sees a row that moves meanwhile exactly once. */
export function acrossParts<Row>(
  { query }: Statements,
  select: (part: Part) => string,
  values: readonly SqlValue[],
  { end = '', parts = PARTS }: Across = {},
): Promise<Row[]> {
  const sql = parts.map((part) => `SELECT * FROM (${select(part)}) ${part}part`).join(' UNION ALL ');
  return query<Row>(
    `${sql} ${end}`,
    parts.flatMap(() => values),
  );
}

const MONTHLY_SINCE = 'monthly_since';
const LOOK_EVERY_MS = 60_000;

/**
 * Says where new rows go, and asks the database at most once a minute. Every process reads and changes the rows of all
 * parts, so it does not matter that some learn of the switch later.
 */
export function createNewRows(sql: Sql, now: () => number): () => Promise<NewRows> {
  let looked = Number.NEGATIVE_INFINITY;
  let monthly = false;
  return async () => {
    if (!monthly && now() - looked >= LOOK_EVERY_MS) {
      looked = now();
      monthly = (await stateOf(sql, MONTHLY_SINCE)) !== undefined;
    }
    return monthly ? 'monthly_' : '';
  };
}

/** From now on new rows go to the tables of months. Not before every process runs a release that reads these. */
export const switchToMonths = (sql: Sql, at: number): Promise<void> => setState(sql, MONTHLY_SINCE, at);

const KEPT_FROM = 'kept_from';

/** Epoch milliseconds; what was made before may be in the warehouse alone. Undefined while nothing is. */
export const keptFrom = (sql: Statements): Promise<number | undefined> => stateOf(sql, KEPT_FROM);

export const setKeptFrom = (sql: Sql, at: number): Promise<void> => setState(sql, KEPT_FROM, at);

async function stateOf({ query }: Statements, name: string): Promise<number | undefined> {
  const [row] = await query<{ value: number }>('SELECT value FROM archive_state WHERE name = ?', [name]);
  return row?.value;
}

/** A value only grows. */
async function setState(sql: Sql, name: string, value: number): Promise<void> {
  await sql.execute('INSERT INTO archive_state (name, value) VALUES (?, ?)', [name, value]).catch((error) => {
    if (!(error instanceof DuplicateKeyError)) throw error;
  });
  await sql.execute('UPDATE archive_state SET value = ? WHERE name = ? AND value < ?', [value, name, value]);
}
