import { type Migration, migrate } from '../../lambda/shared/sql/migrations';
import type { Sql, Statements } from '../../lambda/shared/sql/sql';
import type { Cluster } from './cluster';
import type { Host } from './network';
import { createSchema, type RecordedServers } from './recorded-schema';

/** A schema of real servers, for one history. */
export interface RecordedCluster {
  readonly cluster: Cluster;
  /** The primary ends every connection to it. */
  endConnections(): Promise<void>;
  /** Closes everything. */
  drop(): Promise<void>;
}

interface Wanted {
  readonly migrations: readonly Migration[];
  /** Each has a pool of its own. */
  readonly processes: number;
  readonly replicas: number;
}

/** A replica that has not followed by then does not follow. */
const FOLLOWED_MS = 60_000;

export async function openCluster(
  { primary, replicas: followers = [] }: RecordedServers,
  { migrations, processes, replicas }: Wanted,
): Promise<RecordedCluster> {
  const schema = await createSchema(primary);
  const pools: Sql[] = [];
  const open = async () => {
    const pool = await schema.open();
    pools.push(pool);
    return pool;
  };
  const drop = async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    await schema.drop();
  };
  try {
    const direct = await open();
    await migrate(direct, migrations);
    const spare = await Promise.all(Array.from({ length: processes }, open));
    const copies = await Promise.all(followers.slice(0, replicas).map((server) => schema.open(server)));
    pools.push(...copies);
    for (const copy of copies) await followed(direct, copy);
    const replicaAt = (place: number) => {
      const copy = copies[place];
      if (!copy) throw new Error(`There is no replica ${place}`);
      return copy;
    };
    const cluster: Cluster = {
      direct,
      from: (host) => ofHost(spare.pop() ?? direct, host),
      replicaFrom: (host, place) => ofHost(replicaAt(place), host),
    };
    return { cluster, endConnections: schema.endConnections, drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

/** Waits until a replica has the tables of the primary. */
async function followed(primary: Sql, replica: Sql): Promise<void> {
  const tables = async ({ query }: Sql) =>
    (await query('SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()')).length;
  const wanted = await tables(primary);
  for (const until = performance.now() + FOLLOWED_MS; ; ) {
    // Before the first of its statements has come there is no such schema.
    const there = await tables(replica).catch(() => 0);
    if (there === wanted) return;
    if (performance.now() > until) throw new Error(`A replica has ${there} of ${wanted} tables`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The statements of a process that has ended are not sent any more, so that its transactions are rolled back. */
function ofHost(sql: Sql, host: Host): Sql {
  const assertUp = () => {
    if (!host.isUp) throw new Error(`${host.name} has ended`);
  };
  const watched = ({ query, execute }: Statements): Statements => ({
    query: async (...asked) => {
      assertUp();
      return query(...asked);
    },
    execute: async (...asked) => {
      assertUp();
      return execute(...asked);
    },
  });
  return {
    ...sql,
    ...watched(sql),
    transaction: async (work) => {
      assertUp();
      return sql.transaction(async (tx) => {
        const result = await work(watched(tx));
        assertUp();
        return result;
      });
    },
    // Others may use its pool.
    close: async () => undefined,
  };
}
