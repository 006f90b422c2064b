import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import {
  AlreadyExistsError,
  DuplicateKeyError,
  PREPARED_STATEMENTS,
  type Sql,
  type SqlValue,
  type Statements,
} from './sql';

/**
 * SQLite in a file: the embedded default, one process at a time writing.
 * WAL with synchronous=NORMAL: a crash loses nothing, a power cut at most the last moments.
 */
export function openSqlite(file: string): Sql {
  mkdirSync(dirname(file), { recursive: true });
  const writer = connect(file);
  const reader = connect(file);
  const write = statements(writer);
  const inTurn = queue();

  /** Readers see committed data only, so they have a connection of their own beside the writer's. */
  const { query } = statements(reader);

  const transaction: Sql['transaction'] = (work) =>
    inTurn(async () => {
      writer.exec('BEGIN IMMEDIATE');
      try {
        const result = await work(write);
        writer.exec('COMMIT');
        return result;
      } catch (error) {
        writer.exec('ROLLBACK');
        throw error;
      }
    });

  return {
    query,
    execute: (statement, values) => inTurn(() => write.execute(statement, values)),
    transaction,
    // The file's write lock is the one lock there is, whatever the name.
    exclusively: (_name, work) => transaction(work),
    close: () =>
      inTurn(async () => {
        reader.close();
        // libsql leaves the write-ahead log behind; this puts it into the file, so that a copy of the file is whole.
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
      try {
        return prepare(statement).run(...values).changes;
      } catch (error) {
        throw translated(error);
      }
    },
  };
}

function translated(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new DuplicateKeyError(message, { cause: error });
  }
  if (message && /already exists|duplicate column name/.test(message)) {
    return new AlreadyExistsError(message, { cause: error });
  }
  return error;
}

/** Runs one piece of work after the other, in the order they came. */
function queue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
