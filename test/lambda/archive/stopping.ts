import type { Warehouse } from '../../../lambda/archive/warehouse';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import type { Sql, Statements } from '../../../lambda/shared/sql/sql';

/** The process ended here. */
export class StoppedError extends Error {
  override name = 'StoppedError';
}

/**
 * Stores that end the work at the `nth` step from now on: before it, or after it was done and before its answer came.
 * A statement, a transaction, a lock, a file and a command to the warehouse are steps.
 */
export function stopping(nth: number, when: 'before' | 'after') {
  let left = nth;
  let stopped = false;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (stopped) throw new StoppedError();
    const last = --left === 0;
    if (last && when === 'before') {
      stopped = true;
      throw new StoppedError();
    }
    // A step that failed has an answer too, which does not come.
    const done = work();
    if (!last) return done;
    await done.catch(() => undefined);
    stopped = true;
    throw new StoppedError();
  };
  const statements = (of: Statements): Statements => ({
    query: (statement, values) => step(() => of.query(statement, values)),
    execute: (statement, values) => step(() => of.execute(statement, values)),
  });
  return {
    wasStopped: () => stopped,
    sql: (of: Sql): Sql => ({
      ...of,
      ...statements(of),
      transaction: (work) => step(() => of.transaction((tx) => work(statements(tx)))),
      exclusively: (name, work) => of.exclusively(name, (session) => work(statements(session))),
    }),
    blobs: (of: Blobs): Blobs => ({
      ...of,
      put: (key, bytes, type) => step(() => of.put(key, bytes, type)),
      get: (key) => step(() => of.get(key)),
    }),
    warehouse: (of: Warehouse): Warehouse => ({
      ...of,
      load: (kind, prefix) => step(() => of.load(kind, prefix)),
      query: (statement, parameters) => step(() => of.query(statement, parameters)),
    }),
  };
}
