import type { Migration } from '../../lambda/shared/sql/migrations';
import type { Sql, SqlValue } from '../../lambda/shared/sql/sql';
import { createDatabase, createReplica, type Database, type Replica, type Transaction } from './database';
import type { DatabasePart } from './faults';
import type { Host, Network } from './network';
import type { World } from './world';

/** The servers of a schema. They are opened once and cleared for each world: making the tables takes longer than it. */
export interface Servers {
  readonly primary: Database;
  readonly replicas: readonly Replica[];
}

export function openServers(migrations: readonly Migration[]): Servers {
  const primary = createDatabase(migrations);
  return { primary, replicas: [0, 1].map(() => createReplica(migrations, primary.log)) };
}

/** The servers of a schema, as a history has them. */
export interface Cluster {
  /** The primary, without a network: for what comes before and after a history. */
  readonly direct: Sql;
  /** The primary as a process reaches it. */
  from(host: Host, part?: DatabasePart): Sql;
  replicaFrom(host: Host, place: 0 | 1): Sql;
}

/** The servers of a schema in a world. */
export interface SimulatedCluster {
  begin(): Transaction;
  query<Row>(statement: string, values?: readonly SqlValue[]): Row[];
  /** Answers as the replica is now: some commits behind. */
  queryReplica<Row>(place: number, statement: string, values?: readonly SqlValue[]): Row[];
  /** Waits for the disk, and commits. */
  commit(transaction: Transaction): Promise<void>;
}

const LONGEST_LAG_MS = 300;
const SLOW_COMMIT_MS = 1500;

export function createCluster(
  { primary, replicas }: Servers,
  world: World,
  network: Network,
): SimulatedCluster {
  primary.clear();
  for (const replica of replicas) replica.clear();
  const random = world.random('cluster');
  const lags = replicas.map(() => 5 + random() ** 2 * LONGEST_LAG_MS);
  /** By commit. */
  const times: number[] = [];
  const seen = replicas.map(() => 0);

  return {
    begin: primary.begin,
    query: primary.query,
    queryReplica: (place, statement, values) => {
      const stuck = network.fault('stale replica', ({ part }) => part === `replica ${place}`);
      const until = Math.min(world.now() - (lags[place] ?? 0), stuck?.from ?? Number.POSITIVE_INFINITY);
      let commits = seen[place] ?? 0;
      while (commits < times.length && (times[commits] ?? 0) <= until) commits++;
      seen[place] = commits;
      return (replicas[place] as Replica).query(commits, statement, values);
    },
    commit: async (transaction) => {
      if (network.fault('slow disk')) await world.after(SLOW_COMMIT_MS * random());
      transaction.commit();
      while (times.length < primary.log.length) times.push(world.now());
    },
  };
}

/** The primary, without a network: for what comes before and after a history. */
export function directSql(cluster: SimulatedCluster): Sql {
  const transaction: Sql['transaction'] = async (work) => {
    const one = cluster.begin();
    try {
      const result = await work({ query: async (...asked) => one.query(...asked), execute: one.execute });
      await cluster.commit(one);
      return result;
    } finally {
      one.rollback();
    }
  };
  return {
    query: async (...asked) => cluster.query(...asked),
    execute: (...asked) => transaction((tx) => tx.execute(...asked)),
    transaction,
    exclusively: (_name, work) => transaction(work),
    close: async () => undefined,
  };
}
