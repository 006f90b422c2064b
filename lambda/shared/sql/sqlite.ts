import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import { createSameFiles } from './same-files';
import {
  AlreadyDroppedError,
  AlreadyExistsError,
  DatabaseUnavailableError,
  DuplicateKeyError,
  OutcomeUnknownError,
  PREPARED_STATEMENTS,
  type Sql,
  type SqlValue,
  type Statements,
} from './sql';

/** A look at the files costs a fifth of a query, so reads share one. */
const LOOK_EVERY_MS = 100;

/**
 * SQLite in a file: the embedded default, one process at a time writing.
 * WAL with synchronous=NORMAL: a crash loses nothing, a power cut at most the last moments.
 * After its files were deleted, moved or replaced it refuses everything, and acknowledges no write that went into them.
 */
export function openSqlite(file: string): Sql {
  mkdirSync(dirname(file), { recursive: true });
  const writer = connect(file);
  const reader = connect(file);
  const write = statements(writer);
  const pause = pauses();
  const inTurn = queue(pause);

  /** Readers see committed data only, so they have a connection of their own beside the writer's. */
  const read = statements(reader);
  const missing = createSameFiles([file, `${file}-wal`]);
  missing();
  let looked = 0;
  const assertThere = (GoneError: typeof DatabaseUnavailableError | typeof OutcomeUnknownError) => {
    looked = Date.now();
    const path = missing();
    if (path === undefined) return;
    throw new GoneError({ cause: new Error(`${path} was deleted, moved or replaced while it was open`) });
  };
  const writing = <Result>(work: () => Promise<Result>) =>
    inTurn(async () => {
      assertThere(DatabaseUnavailableError);
      const result = await work();
      assertThere(OutcomeUnknownError);
      return result;
    });

  const transaction: Sql['transaction'] = (work) =>
    writing(async () => {
      try {
        writer.exec('BEGIN IMMEDIATE');
        const result = await work(write);
        writer.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk, among others, makes SQLite roll back by itself; a second time would hide why.
        if (writer.inTransaction) writer.exec('ROLLBACK');
        throw translated(error, '');
      }
    });

  return {
    query: async (statement, values) => {
      await pause();
      if (Date.now() - looked > LOOK_EVERY_MS) assertThere(DatabaseUnavailableError);
      return read.query(statement, values);
    },
    execute: (statement, values) => writing(() => write.execute(statement, values)),
    transaction,
    // The file has a single write lock, which serves every name.
    exclusively: (_name, work) => transaction(work),
    close: () =>
      inTurn(async () => {
        reader.close();
        // libsql leaves the write-ahead log behind; this merges it, so that a copy of the file is complete.
        writer.pragma('wal_checkpoint(TRUNCATE)');
        writer.close();
      }),
  };
}

function connect(file: string): Database.Database {
  const connection = new Database(file);
  connection.pragma('busy_timeout = 10000');
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = NORMAL');
  connection.pragma('foreign_keys = ON');
  return connection;
}

/** A whole statement in an executable comment. */
const FOR_SERVERS = /^\/\*!.*\*\/$/s;

function statements(connection: Database.Database): Statements {
  const prepared = new LRUCache<string, Database.Statement>({ max: PREPARED_STATEMENTS });
  const prepare = (statement: string) => {
    const found = prepared.get(statement) ?? connection.prepare(statement);
    prepared.set(statement, found);
    return found;
  };
  return {
    query: async <Row>(statement: string, values: readonly SqlValue[] = []) =>
      prepare(statement).all(...values) as Row[],
    execute: async (statement, values = []) => {
      if (FOR_SERVERS.test(statement)) return 0;
      try {
        return prepare(statement).run(...values).changes;
      } catch (error) {
        throw translated(error, statement);
      }
    },
  };
}

function translated(error: unknown, statement: string): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (!code?.startsWith('SQLITE_')) return error;
  if (code === 'SQLITE_FULL') return new DatabaseUnavailableError({ cause: error });
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new DuplicateKeyError(message, { cause: error });
  }
  if (message && /already exists|duplicate column name/.test(message)) {
    return new AlreadyExistsError(message, { cause: error });
  }
  // Other statements miss a table or a column in the same words.
  if (message && /no such (table|column|index)/.test(message) && /\bDROP\b/i.test(statement)) {
    return new AlreadyDroppedError(message, { cause: error });
  }
  return error;
}

const PAUSE_AFTER_MS = 5;

/**
 * Statements run on the thread that answers requests, so a long series of them pauses now and then for requests. Never
 * within a transaction, since another writer to the file would block this thread until its end.
 */
function pauses(): () => Promise<void> {
  let busySince: number | undefined;
  return async () => {
    if (busySince !== undefined && performance.now() - busySince < PAUSE_AFTER_MS) return;
    if (busySince !== undefined) await nextTurn();
    busySince = performance.now();
    setImmediate(() => {
      busySince = undefined;
    });
  };
}

/** Runs one piece of work after the other, in the order they came. */
function queue(pause: () => Promise<void>): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(pause).then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
