import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** Practically infinite: while there is a standby, every acknowledged transaction is on both servers. */
const UNACKNOWLEDGED_MS = 3_600_000;
const TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 50;

/** For servers with equal data: their earlier transactions must not be replicated. */
export const forgetHistory = (socket: string): Promise<void> =>
  administer(socket, async (run) => {
    for (const statement of ['STOP SLAVE', 'RESET SLAVE ALL', 'RESET MASTER']) await run(statement);
    await run("SET GLOBAL gtid_slave_pos = ''");
  });

/**
 * Starts replication. Transactions are acknowledged and visible only once the standby has them (AFTER_SYNC), so a
 * failover never loses data that a client has read.
 */
export async function replicate(writer: string, standby: string): Promise<void> {
  const password = randomBytes(24).toString('hex');
  await administer(writer, async (run) => {
    // Not replicated: the standby is not connected yet.
    await run('SET SESSION sql_log_bin = OFF');
    await createReplicaUser(run, 'replica', password);
    await run('SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC');
    await run(`SET GLOBAL rpl_semi_sync_master_timeout = ${UNACKNOWLEDGED_MS}`);
    await run('SET GLOBAL rpl_semi_sync_master_enabled = ON');
    const { port } = await run('SELECT @@port AS port');
    await administer(standby, async (runThere) => {
      await runThere('SET GLOBAL read_only = ON');
      await runThere('SET GLOBAL rpl_semi_sync_slave_enabled = ON');
      await startReplica(runThere, { port, user: 'replica', password });
      for (const until = Date.now() + TIMEOUT_MS; ; await sleep(POLL_INTERVAL_MS)) {
        const { Value: standbys } = await run("SHOW STATUS LIKE 'rpl_semi_sync_master_clients'");
        if (standbys === '1') return;
        const { Last_IO_Error: why } = await runThere('SHOW SLAVE STATUS');
        if (Date.now() > until) throw new Error(`The standby does not follow the writer: ${why}`);
      }
    });
  });
}

/**
 * Lets a server with the data of `source`, or of a server that it took over from, follow it. Nobody waits for this one:
 * it may lag.
 */
export async function follow(source: string, follower: string): Promise<void> {
  const password = randomBytes(24).toString('hex');
  await administer(source, async (run) => {
    await createReplicaUser(run, 'reader_replica', password);
    const { port } = await run('SELECT @@port AS port');
    await administer(follower, async (runThere) => {
      await runThere('STOP SLAVE');
      await runThere('SET GLOBAL read_only = ON');
      await runThere('SET GLOBAL rpl_semi_sync_slave_enabled = OFF');
      await startReplica(runThere, { port, user: 'reader_replica', password });
    });
  });
}

async function createReplicaUser(run: Run, user: string, password: string): Promise<void> {
  await run(`CREATE OR REPLACE USER ${user}@'127.0.0.1' IDENTIFIED BY '${password}'`);
  await run(`GRANT REPLICATION SLAVE ON *.* TO ${user}@'127.0.0.1'`);
}

async function startReplica(
  run: Run,
  { port, user, password }: { readonly port: unknown; readonly user: string; readonly password: string },
): Promise<void> {
  await run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = '${user}',
     MASTER_PASSWORD = '${password}', MASTER_USE_GTID = slave_pos`,
  );
  await run('START SLAVE');
}

/** Promotes the standby after it applied every acknowledged transaction; `decided` runs before it accepts writes. */
export const becomeWriter = (standby: string, decided: () => void): Promise<void> =>
  administer(standby, async (run) => {
    await run('STOP SLAVE IO_THREAD');
    const { Gtid_IO_Pos: received } = await run('SHOW SLAVE STATUS');
    const { failed } = await run(`SELECT MASTER_GTID_WAIT('${received}', ${TIMEOUT_MS / 1000}) AS failed`);
    const { Last_SQL_Error: why } = await run('SHOW SLAVE STATUS');
    if (failed !== 0) throw new Error(`The standby could not apply its transactions. ${why}`);
    for (const statement of ['STOP SLAVE', 'RESET SLAVE ALL']) await run(statement);
    decided();
    await run('SET GLOBAL read_only = OFF');
  });

/** Releases transactions that wait for a standby that has ended. */
export const writeAlone = (writer: string): Promise<void> =>
  administer(writer, async (run) => {
    await run('SET GLOBAL rpl_semi_sync_master_enabled = OFF');
  });

/** Runs a statement and resolves to its first row, or to an empty one. */
type Run = (statement: string) => Promise<Readonly<Record<string, unknown>>>;

/** Uses one connection as the server's administrator, the current user. */
async function administer(socketPath: string, work: (run: Run) => Promise<void>): Promise<void> {
  const connection = await createConnection({ socketPath, user: userInfo().username });
  const run: Run = async (statement) => {
    const [rows] = await connection.query<RowDataPacket[]>(statement);
    return Array.isArray(rows) ? (rows[0] ?? {}) : {};
  };
  await work(run).finally(() => connection.end());
}
