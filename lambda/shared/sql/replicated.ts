import type { Logger } from '../runtime/log';
import { BusyError, createSemaphore } from '../runtime/semaphore';
import { isFresh } from './freshly';
import { REPLICA_LIMITS, type ReplicaLimits } from './replica-health';
import { type ReplicaWatchOptions, type Watched, watchReplicas } from './replica-watch';
import { DatabaseUnavailableError, type Sql, type SqlValue } from './sql';

/** Reads at the primary, in each process: it also takes all writes. Two of its pool's ten connections stay free. */
const BUDGET = { places: 8, waiting: 64 };
/** Replicas that one read asks before it asks the primary. */
const TRIES = 2;

export interface ReplicatedOptions {
  readonly primary: Sql;
  readonly replicas: ReplicaWatchOptions['replicas'];
  readonly log: Logger;
  readonly limits?: ReplicaLimits;
  readonly budget?: { readonly places: number; readonly waiting: number };
  /** Epoch milliseconds. Default: this machine's clock. */
  readonly now?: () => number;
}

export interface ReplicatedSql extends Sql {
  stalenessMs(): number;
  /** Resolves when each replica was asked once; reads that come before go to the primary. */
  readonly ready: Promise<unknown>;
}

/**
 * A schema with read replicas (decision 0115). `query` asks the well replica with the fewest reads under way. Everything
 * else goes to the primary, and so does what is read `freshly`, or while no replica is well: within a budget, past which
 * it throws DatabaseUnavailableError.
 */
export function replicatedSql(options: ReplicatedOptions): ReplicatedSql {
  const { primary, limits = REPLICA_LIMITS, now = Date.now, budget = BUDGET } = options;
  const { replicas, ready, stop } = watchReplicas({ ...options, limits, now });
  const underWay = new Map<Watched, number>(replicas.map((replica) => [replica, 0]));
  const throttled = createSemaphore(budget);

  const atPrimary = <Result>(work: () => Promise<Result>): Promise<Result> =>
    throttled(work).catch((error: unknown) => {
      throw error instanceof BusyError ? new DatabaseUnavailableError({ cause: error }) : error;
    });

  const best = (): Watched | undefined => {
    let found: Watched | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [replica, reads] of underWay) {
      // Half a read decides between equals.
      const load = reads + Math.random() / 2;
      if (load >= fewest || replica.state() !== 'used') continue;
      found = replica;
      fewest = load;
    }
    return found;
  };

  const read = async <Result>(replica: Watched, work: (sql: Sql) => Promise<Result>): Promise<Result> => {
    underWay.set(replica, (underWay.get(replica) ?? 0) + 1);
    try {
      return await work(replica.sql);
    } finally {
      underWay.set(replica, (underWay.get(replica) ?? 0) - 1);
    }
  };

  return {
    query: async <Row>(statement: string, values?: readonly SqlValue[]): Promise<Row[]> => {
      for (let tries = 0; tries < TRIES && !isFresh(); tries++) {
        const replica = best();
        if (!replica) break;
        try {
          return await read(replica, (sql) => sql.query<Row>(statement, values));
        } catch (error) {
          if (!(error instanceof DatabaseUnavailableError)) throw error;
          replica.suspect();
        }
      }
      return atPrimary(() => primary.query<Row>(statement, values));
    },
    execute: primary.execute,
    transaction: primary.transaction,
    exclusively: primary.exclusively,
    stalenessMs: () => (isFresh() ? 0 : Math.max(0, ...replicas.map((replica) => replica.stalenessMs()))),
    ready,
    close: async () => {
      await stop();
      await Promise.all([primary, ...replicas.map(({ sql }) => sql)].map((sql) => sql.close()));
    },
  };
}
