import type { Duplex } from 'node:stream';
import { createPool, type PoolConnection, type QueryError, type QueryResult } from 'mysql2';
import { createQueueBound } from '../runtime/queue-bound';
import { OverloadedError } from '../runtime/retry-later';
import { isUrgent } from '../runtime/urgently';
import { isLost, isReadOnly } from './mysql-errors';
import type { Tls } from './rds-tls';
import { DatabaseUnavailableError, type OpenOptions, PREPARED_STATEMENTS, type SqlValue } from './sql';

/** In milliseconds, but for the number of connections. */
export interface Limits {
  /** To open a connection. */
  readonly connect: number;
  /** For a statement: a vanished server never answers, and must not block the pool. */
  readonly statement: number;
  /** To wait for a free connection of the pool. */
  readonly wait: number;
  /** To retry work that a lost server has certainly not done. */
  readonly again: number;
  /** Minimum life of a connection. The maximum is twice as long, so that not all are replaced at once. */
  readonly life: number;
  /** The number of connections. */
  readonly connections: number;
}

export const LIMITS: Limits = {
  ...{ connect: 2_000, statement: 10_000, wait: 10_000, again: 3_000, life: 60_000 },
  connections: 10,
};
/** For maintenance, whose statements read or change whole tables. */
export const MAINTENANCE_LIMITS: Limits = { ...LIMITS, statement: 24 * 3_600_000 };
/** For a replica: another server answers what this one does not, within the 5 s that nginx waits for a read. */
const SHORT_LIMITS: Limits = { ...LIMITS, connect: 1000, statement: 2500, wait: 1000, again: 0 };

const FUNCTION_LIMITS: Limits = { ...LIMITS, connections: 1 };

export const limitsFor = (use: OpenOptions['use'] = 'requests'): Limits =>
  ({ requests: LIMITS, maintenance: MAINTENANCE_LIMITS, replica: SHORT_LIMITS, function: FUNCTION_LIMITS })[
    use
  ];

/** Takes no gap locks: fewer deadlocks, and every statement here is right under it. */
const ISOLATION = 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED';

/** For the connections of a pool. */
const QUEUE = { waiting: 250, waitMs: 2000 };
/** Factor of the queue for urgent work. */
const URGENT_ROOM = 5;

/** A connection of the pool, while it is in use. Destroying it removes it from the pool. */
export interface Connection {
  /** Runs a prepared statement. */
  execute(statement: string, values: readonly SqlValue[]): Promise<QueryResult>;
  /** Runs a statement that cannot be prepared, such as START TRANSACTION. */
  say(statement: string): Promise<void>;
  destroy(): void;
}

export interface Connections {
  /**
   * Runs work on one connection. @throws OverloadedError if too many wait for one, DatabaseUnavailableError if none is
   * free in time
   */
  use<Result>(work: (connection: Connection) => Promise<Result>, statementMs?: number): Promise<Result>;
  close(): Promise<void>;
}

/**
 * A pool of 10. Connections are replaced after one to two minutes: after a failover, an older one may still lead to the
 * former writer and read stale data there (rule DATA-4). If one is lost or leads to a read-only server, no other one of
 * its age is used again.
 */
export function openConnections(url: string, tls: Tls | undefined, limits: Limits): Connections {
  const pool = createPool({
    uri: url,
    ssl: tls && { ...tls },
    connectionLimit: limits.connections,
    connectTimeout: limits.connect,
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
    // mysql2 would keep 16,000 on each connection.
    maxPreparedStatements: PREPARED_STATEMENTS,
    // SUM and AVG are DECIMAL, which would come as text.
    decimalNumbers: true,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
  });
  /** The generation of each open connection, and the end of its use. */
  const open = new Map<PoolConnection, { readonly age: number; readonly until: number }>();
  let age = 0;
  pool.on('connection', (connection) => {
    open.set(connection, { age, until: performance.now() + limits.life * (1 + Math.random()) });
    // The driver handles only one error; without this, a second one, or one after a drop, would crash the process.
    connection.on('error', () => undefined);
    socketOf(connection).once('close', () => open.delete(connection));
    // Before the first statement; a connection that could not is not used.
    connection.query(ISOLATION, (error) => error && drop(connection));
  });

  const acquire = async (): Promise<PoolConnection> => {
    const connection = await free();
    const made = open.get(connection);
    if (made?.age !== age) drop(connection);
    else if (performance.now() < made.until) return connection;
    // The server is alive, so the connection is closed properly.
    else connection.destroy();
    return acquire();
  };

  const bound = createQueueBound(QUEUE);
  let waiting = 0;
  const free = () =>
    new Promise<PoolConnection>((resolve, reject) => {
      if (bound.isFull(waiting, isUrgent() ? URGENT_ROOM : 1)) return reject(new OverloadedError());
      waiting++;
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new DatabaseUnavailableError());
      }, limits.wait);
      pool.getConnection((error, connection) => {
        waiting--;
        // A pool that still opens connections shows how fast they open, not how fast statements are done.
        bound.moved(open.size < limits.connections ? 0 : waiting);
        clearTimeout(timer);
        if (error) reject(error);
        else if (late) connection.release();
        else resolve(connection);
      });
    });

  const noteEndOf = (connection: PoolConnection, error: unknown): void => {
    if (!isLost(error) && !isReadOnly(error)) return;
    if (open.get(connection)?.age === age) age++;
    drop(connection);
  };

  return {
    use: async (work, statementMs = limits.statement) => {
      const connection = await acquire();
      const answered = <Answer>(send: (done: Done<Answer>) => unknown) =>
        inTime(statementMs, send, (error) => noteEndOf(connection, error));
      try {
        return await work({
          execute: (statement, values) =>
            answered((done) => connection.execute(statement, values as SqlValue[], done)),
          say: (statement) =>
            answered((done) => connection.query(statement, (error) => done(error, undefined))),
          destroy: () => drop(connection),
        });
      } finally {
        connection.release();
      }
    },
    close: async () => {
      // A server that is gone does not answer QUIT.
      await inTime<void>(limits.connect, (done) => pool.end((error) => done(error, undefined))).catch(
        () => undefined,
      );
      for (const connection of open.keys()) socketOf(connection).destroy();
    },
  };
}

function drop(connection: PoolConnection): void {
  connection.destroy();
  // The driver sends QUIT and waits, for minutes if the server is gone.
  socketOf(connection).destroy();
}

/** Missing in the driver's typings. */
const socketOf = (connection: PoolConnection): Duplex => (connection as unknown as { stream: Duplex }).stream;

type Done<Answer> = (error: QueryError | NodeJS.ErrnoException | null | undefined, answer: Answer) => void;

/** The result, or ETIMEDOUT. Uses callbacks, since the driver's promises cost a fifth of a read. */
function inTime<Answer>(
  ms: number,
  send: (done: Done<Answer>) => unknown,
  onError: (error: unknown) => void = () => undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      onError(error);
      reject(error);
    };
    const timer = setTimeout(
      () => fail(Object.assign(new Error('The database did not answer in time'), { code: 'ETIMEDOUT' })),
      ms,
    );
    const done: Done<Answer> = (error, answer) => {
      clearTimeout(timer);
      if (error) fail(error);
      else resolve(answer);
    };
    try {
      send(done);
    } catch (error) {
      // The driver throws synchronously for values that it cannot bind.
      clearTimeout(timer);
      reject(error);
    }
  });
}
