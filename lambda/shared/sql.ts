import { RetryLaterError } from './retry-later';

/** What every engine binds alike. Times are epoch milliseconds, ids are text, money is minor units. */
export type SqlValue = string | number | null;

/** Statements use `?` parameters and only the SQL that MySQL, MariaDB and SQLite read alike (docs/decisions/0003). */
export interface Statements {
  /** The rows a SELECT finds; columns as they are named in the statement. */
  query<Row>(statement: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Runs an INSERT, UPDATE, DELETE or DDL statement and returns the number of rows it matched.
   * @throws DuplicateKeyError when a primary or unique key is taken
   * @throws AlreadyExistsError when DDL creates what is there
   */
  execute(statement: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * One schema of one database server. Implementations: `mysql.ts` and `sqlite.ts`, under one contract test.
 * All of it may throw DatabaseUnavailableError, and what writes OutcomeUnknownError.
 */
export interface Sql extends Statements {
  /**
   * Runs `work` in one transaction: all of it is stored, or, when it throws, none.
   * A deadlock, a lock timeout or a lost connection runs `work` again from its beginning, so it must not have other
   * effects.
   */
  transaction<Result>(work: (tx: Statements) => Promise<Result>): Promise<Result>;
  /** Runs `work` while no other process runs any under the same `name`. Not a transaction. */
  exclusively<Result>(name: string, work: (session: Statements) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/**
 * How many statements a connection keeps prepared; those used least lately give way. A server holds 16,382 for all: ten
 * app processes while releases roll, with two pools of ten each, keep 15,000.
 */
export const PREPARED_STATEMENTS = 75;

export class DuplicateKeyError extends Error {
  override name = 'DuplicateKeyError';
}

export class AlreadyExistsError extends Error {
  override name = 'AlreadyExistsError';
}

const REPEAT = 'repeat it, with the same Idempotency-Key where there was one';

/** The database does not answer, or takes no writes: of this statement or transaction nothing was done. */
export class DatabaseUnavailableError extends RetryLaterError {
  override name = 'DatabaseUnavailableError';
  constructor(options?: ErrorOptions) {
    super(`The database does not answer at this moment: ${REPEAT}`, 1, options);
  }
}

/** The database was lost after a change was sent and before it was answered: it is stored or not. */
export class OutcomeUnknownError extends RetryLaterError {
  override name = 'OutcomeUnknownError';
  constructor(options?: ErrorOptions) {
    super(`The database was lost in this moment, and this was done or not: ${REPEAT}`, 1, options);
  }
}

/** A LIMIT as text: MySQL >= 8.0.22 refuses it as a bound number. */
export function limit(rows: number): string {
  if (!Number.isInteger(rows) || rows < 1 || rows > 1000) {
    throw new RangeError(`A LIMIT is a whole number from 1 to 1000, not ${rows}`);
  }
  return `LIMIT ${rows}`;
}

export interface OpenOptions {
  /** Whether a statement may take as long as it takes: for maintenance. Default false, as requests need it. */
  readonly unhurried?: boolean;
}

/**
 * Opens the schema that a URL names: `mysql://user:password@host:3306/schema` (also `?socketPath=/run/…`),
 * `mysql://host:3306/schema?secret=arn:…` (credentials from Secrets Manager, over TLS), or `file:/folder/schema.db` (SQLite). Drivers are loaded when they are needed: they cost start-up time.
 */
export async function openSql(url: string, { unhurried = false }: OpenOptions = {}): Promise<Sql> {
  if (/^mysql:.*[?&]secret=/.test(url))
    return (await import('./secret-sql')).openSecretMysql(url, { unhurried });
  if (url.startsWith('mysql://')) {
    const [{ openMysql }, { LIMITS, UNHURRIED }] = await Promise.all([
      import('./mysql'),
      import('./mysql-connections'),
    ]);
    return openMysql(url, undefined, unhurried ? UNHURRIED : LIMITS);
  }
  if (url.startsWith('file:')) return (await import('./sqlite')).openSqlite(url.slice('file:'.length));
  throw new Error(
    `A database URL starts with mysql:// or file:, not "${url.replace(/\/\/.*@/, '//…@').slice(0, 60)}"`,
  );
}
