import { RetryLaterError } from '../runtime/retry-later';

/** Values that every engine binds alike. Times are epoch milliseconds, ids are text, money is minor units. */
export type SqlValue = string | number | null;

/** Statements use `?` parameters and only SQL that MySQL, MariaDB and SQLite share (decision 0003). */
export interface Statements {
  /** The rows of a SELECT, with the column names of the statement. */
  query<Row>(statement: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Runs an INSERT, UPDATE, DELETE or DDL statement and returns the number of rows it matched.
   * @throws DuplicateKeyError when a primary or unique key is taken
   * @throws AlreadyExistsError when DDL creates what is there
   * @throws AlreadyDroppedError when DDL drops a table, a column or an index that is not there
   */
  execute(statement: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * One schema of one database server. Implementations: `mysql.ts` and `sqlite.ts`, and `replicated.ts` over several of them, under one contract test.
 * Everything may throw DatabaseUnavailableError, and writes may throw OutcomeUnknownError.
 */
export interface Sql extends Statements {
  /**
   * Runs `work` in one transaction, which is rolled back if it throws.
   * A deadlock, a lock timeout or a lost connection runs `work` again from the start, so it must not have side effects.
   */
  transaction<Result>(work: (tx: Statements) => Promise<Result>): Promise<Result>;
  /** Runs `work` under a lock that all processes share by `name`. Not a transaction. */
  exclusively<Result>(name: string, work: (session: Statements) => Promise<Result>): Promise<Result>;
  /**
   * The most that what `query` answers from now on may be out of date, in milliseconds: who keeps an answer counts its
   * age from that much earlier. Absent where the primary answers.
   */
  stalenessMs?(): number;
  close(): Promise<void>;
}

/**
 * Prepared statements per connection, least recently used first out. A server allows 16,382 in all. In phase 4 at
 * most 300 connections lead to one instance, after a failover and during a rolling release: 15,000.
 */
export const PREPARED_STATEMENTS = 50;

export class DuplicateKeyError extends Error {
  override name = 'DuplicateKeyError';
}

export class AlreadyExistsError extends Error {
  override name = 'AlreadyExistsError';
}

export class AlreadyDroppedError extends Error {
  override name = 'AlreadyDroppedError';
}

const REPEAT = 'repeat it, with the same Idempotency-Key where there was one';

/** The database does not answer or is read-only: nothing of this statement or transaction was done. */
export class DatabaseUnavailableError extends RetryLaterError {
  override name = 'DatabaseUnavailableError';
  constructor(options?: ErrorOptions) {
    super(`The database is temporarily unavailable: ${REPEAT}`, 1, options);
  }
}

/** The connection was lost after a change was sent and before its response: it may or may not be stored. */
export class OutcomeUnknownError extends RetryLaterError {
  override name = 'OutcomeUnknownError';
  constructor(options?: ErrorOptions) {
    super(
      `The connection to the database was lost, so the change may or may not be stored: ${REPEAT}`,
      1,
      options,
    );
  }
}

/** A LIMIT as text: MySQL >= 8.0.22 refuses it as a bound number. */
export function limit(rows: number): string {
  if (!Number.isInteger(rows) || rows < 1 || rows > 1000) {
    throw new RangeError(`A LIMIT must be a whole number from 1 to 1000, not ${rows}`);
  }
  return `LIMIT ${rows}`;
}

/**
 * Put it after a table's name and alias, to choose the index. MariaDB reads a list from its beginning if it estimates
 * that a query needs most of it, and then each page is slower than the one before. SQLite skips this comment.
 */
export const forceIndex = (name: string): string => `/*! FORCE INDEX (${name}) */`;

/**
 * Put it after SELECT, and an index after each joined table, when the first table has the few rows that are wanted. While
 * MySQL's statistics say that a joined table is small, it reads that one from its beginning. SQLite skips this comment.
 */
export const inThisOrder = '/*! STRAIGHT_JOIN */';

export interface OpenOptions {
  /**
   * `maintenance`: statements may take hours. `replica`: they soon go elsewhere. `function`: one connection, since an
   * instance of a function has one request at a time. Default: `requests`.
   */
  readonly use?: 'requests' | 'maintenance' | 'replica' | 'function' | undefined;
}
