import type { Migration } from '../../lambda/shared/sql/migrations';
import type { SqlValue } from '../../lambda/shared/sql/sql';
import { type Engine, openEngine, type Write } from './engine';

/** Of two transactions that wait for each other, the later one is rolled back. */
export class DeadlockError extends Error {
  override name = 'DeadlockError';
}

/** The server ended the connection of a transaction, which is rolled back. */
export class ConnectionEndedError extends Error {
  override name = 'ConnectionEndedError';
}

export interface Transaction {
  /** Reads committed rows and those that this transaction wrote. */
  query<Row>(statement: string, values?: readonly SqlValue[]): Row[];
  /** The same, for rows that nobody else writes until this transaction ends. @throws DeadlockError */
  queryShared<Row>(statement: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /**
   * Waits for the transactions that wrote the same rows, or share them.
   * @throws DeadlockError, DuplicateKeyError
   */
  execute(statement: string, values?: readonly SqlValue[]): Promise<number>;
  commit(): void;
  /** Also after it has ended: then it does nothing. */
  rollback(): void;
}

/** A committed transaction. */
export interface Commit {
  readonly writes: readonly Write[];
}

export interface Database {
  begin(): Transaction;
  query<Row>(statement: string, values?: readonly SqlValue[]): Row[];
  /** In the order of their commits. */
  readonly log: readonly Commit[];
  /** Ends every open transaction. */
  failOver(): void;
  /** As it was opened. */
  clear(): void;
}

/** A transaction that has not ended. */
interface Open {
  readonly writes: Write[];
  readonly locks: Set<string>;
  /** Rows that others may read too, and not write. */
  readonly shared: Set<string>;
  readonly over: Promise<void>;
  readonly end: () => void;
  waitsFor?: Open | undefined;
  isOver: boolean;
}

/**
 * A database server with transactions at a time, READ COMMITTED, and locks on written rows, as the project uses InnoDB.
 * One SQLite in memory does it: a transaction that goes on after another one is rolled back and written again.
 */
export function createDatabase(migrations: readonly Migration[]): Database {
  const engine = openEngine(migrations, true);
  const log: Commit[] = [];
  const locks = new Map<string, Open>();
  const readers = new Map<string, Set<Open>>();
  const open = new Set<Open>();
  /** The one whose writes the engine has beside what was committed. */
  let inside: Open | undefined;

  const leave = () => {
    if (inside) engine.say('ROLLBACK');
    inside = undefined;
  };
  const enter = (one: Open) => {
    if (inside === one) return;
    leave();
    engine.say('BEGIN');
    if (one.writes.length > 0) {
      for (const write of one.writes) engine.execute(write);
      engine.written();
    }
    inside = one;
  };
  /** For a read. Without writes of its own a transaction reads what was committed. */
  const enterToRead = (one: Open) => (one.writes.length > 0 ? enter(one) : leave());
  const over = (one: Open) => {
    one.isOver = true;
    for (const name of one.locks) locks.delete(name);
    for (const name of one.shared) readers.get(name)?.delete(one);
    open.delete(one);
    one.end();
  };
  const undo = (one: Open) => {
    if (one.isOver) return;
    if (inside === one) leave();
    over(one);
  };
  const waitFor = async (one: Open, other: Open) => {
    for (let next: Open | undefined = other; next; next = next.waitsFor)
      if (next === one) {
        undo(one);
        throw new DeadlockError('Two transactions wait for each other');
      }
    one.waitsFor = other;
    await other.over;
    one.waitsFor = undefined;
  };
  const assertOpen = ({ isOver }: Open) => {
    if (isOver) throw new ConnectionEndedError('The server has ended this transaction');
  };

  const write = async (one: Open, statement: Write): Promise<number> => {
    for (;;) {
      assertOpen(one);
      enter(one);
      const matched = engine.execute(statement);
      // Writes that match nothing lock nothing.
      const rows = matched > 0 ? engine.written() : [];
      const other = rows
        .flatMap((name) => [locks.get(name), ...(readers.get(name) ?? [])])
        .find((owner) => owner && owner !== one);
      if (!other) {
        for (const name of rows) {
          locks.set(name, one);
          one.locks.add(name);
        }
        if (rows.length > 0) one.writes.push(statement);
        return matched;
      }
      leave();
      await waitFor(one, other);
    }
  };

  const readShared = async <Row>(one: Open, statement: string, values?: readonly SqlValue[]) => {
    for (;;) {
      assertOpen(one);
      enterToRead(one);
      const names = engine.namesIn(statement, values);
      const other = names.map((name) => locks.get(name)).find((owner) => owner && owner !== one);
      if (!other) {
        for (const name of names) {
          readers.set(name, (readers.get(name) ?? new Set()).add(one));
          one.shared.add(name);
        }
        return engine.query<Row>(statement, values);
      }
      leave();
      await waitFor(one, other);
    }
  };

  return {
    begin: () => {
      const one = newTransaction();
      open.add(one);
      return {
        query: (statement, values) => {
          assertOpen(one);
          enterToRead(one);
          return engine.query(statement, values);
        },
        queryShared: (statement, values) => readShared(one, statement, values),
        execute: (statement, values = []) => write(one, { statement, values }),
        commit: () => {
          assertOpen(one);
          if (one.writes.length > 0) {
            enter(one);
            engine.say('COMMIT');
            inside = undefined;
            log.push({ writes: one.writes });
          } else if (inside === one) leave();
          over(one);
        },
        rollback: () => undo(one),
      };
    },
    query: (statement, values) => {
      leave();
      return engine.query(statement, values);
    },
    log,
    failOver: () => {
      for (const one of [...open]) undo(one);
    },
    clear: () => {
      for (const one of [...open]) undo(one);
      leave();
      engine.clear();
      readers.clear();
      log.length = 0;
    },
  };
}

function newTransaction(): Open {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { writes: [], locks: new Set(), shared: new Set(), over, end, isOver: false };
}

export interface Replica {
  /** The rows as they were after so many commits, or later if it has come further. */
  query<Row>(commits: number, statement: string, values?: readonly SqlValue[]): Row[];
  clear(): void;
}

/** Follows the commits of a database. */
export function createReplica(migrations: readonly Migration[], log: readonly Commit[]): Replica {
  const engine: Engine = openEngine(migrations, false);
  let done = 0;
  return {
    query: (commits, statement, values) => {
      for (; done < commits; done++) for (const write of log[done]?.writes ?? []) engine.execute(write);
      return engine.query(statement, values);
    },
    clear: () => {
      engine.clear();
      done = 0;
    },
  };
}
