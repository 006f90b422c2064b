import type { FileTotals } from './journal';
import { type Kind, lineSql, planOf } from './kinds';

/** The rows of a result, with the column names of the statement; numbers that are whole up to 2^53. */
export type WarehouseRow = Readonly<Record<string, string | number | null>>;

/**
 * The place of the rows that left. Implementations: `redshift.ts` and `duckdb.ts`, under one contract test. Statements use
 * only SQL that both have, with parameters like `:name`, whose values are text.
 */
export interface Warehouse {
  /** Makes its tables. Idempotent. */
  prepare(): Promise<void>;
  /**
   * Loads all files of a prefix into the table of the kind, in the place of rows that an earlier attempt loaded from
   * them: both or neither.
   */
  load(kind: Kind, prefix: string): Promise<void>;
  /** @throws WarehouseUnavailableError if it does not answer */
  query<Row = WarehouseRow>(statement: string, parameters?: Readonly<Record<string, string>>): Promise<Row[]>;
  close(): Promise<void>;
}

/** The warehouse does not answer, or did not do what it was told: try again later. */
export class WarehouseUnavailableError extends Error {
  override name = 'WarehouseUnavailableError';
}

const TYPES = { text: 'VARCHAR', integer: 'BIGINT' } as const;
/** Redshift counts bytes, of which a character has up to four. */
const BYTES = 4;

/** CREATE TABLE for a kind. Its rows are in the order of its key, by which queries of some months skip the others. */
export function tableSql(kind: Kind): string {
  const columns = planOf(kind).columns.map(({ name, type, nullable, length }) => {
    const size = length ? `(${name.endsWith('id') ? length : length * BYTES})` : '';
    return `${name} ${TYPES[type]}${size}${nullable ? '' : ' NOT NULL'}`;
  });
  return `CREATE TABLE IF NOT EXISTS ${kind} (${columns.join(', ')}, file VARCHAR(100) NOT NULL)`;
}

/** Forgets what was loaded from the files of a prefix. */
export const deletionSql = (kind: Kind): string => `DELETE FROM ${kind} WHERE file LIKE :files`;

/** For LIKE. Keys hold no wildcard. */
export const filesLike = (prefix: string): string => `${prefix}%`;

/** The files of a prefix as the warehouse has them, summed up there from the rows that it holds. */
export async function loadedFiles({ query }: Warehouse, kind: Kind, prefix: string): Promise<FileTotals[]> {
  const plan = planOf(kind);
  const key = plan.key.join(" || '/' || ");
  const checksum = `SUM(STRTOL(LEFT(SHA2(${lineSql(plan)}, 256), 8), 16))`;
  const found = await query<Record<string, string | number>>(
    `SELECT file, COUNT(*) AS line_count, SUM(${plan.total}) AS total, ${checksum} AS checksum,
       MIN(${key}) AS first_key, MAX(${key}) AS last_key
     FROM ${kind} WHERE file LIKE :files GROUP BY file ORDER BY file`,
    { files: filesLike(prefix) },
  );
  return found.map((row) => ({
    kind,
    name: String(row.file),
    firstKey: String(row.first_key),
    lastKey: String(row.last_key),
    rows: Number(row.line_count),
    total: Number(row.total),
    checksum: Number(row.checksum),
  }));
}
