import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** Longer than anybody waits: what is acknowledged is on both servers, until there is no standby any more. */
const UNACKNOWLEDGED_MS = 3_600_000;
const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

/** Of two servers with equal data: what they did before is no part of what one tells the other from now on. */
export const forgetHistory = (socket: string): Promise<void> =>
  administer(socket, async (run) => {
    for (const statement of ['STOP SLAVE', 'RESET SLAVE ALL', 'RESET MASTER']) await run(statement);
    await run("SET GLOBAL gtid_slave_pos = ''");
  });

/**
 * From here on a transaction is acknowledged when the standby has it too, and seen by others only then (AFTER_SYNC): nobody
 * has read what a failover would forget.
 */
export async function replicate(writer: string, standby: string): Promise<void> {
  const password = randomBytes(24).toString('hex');
  await administer(writer, async (run) => {
    // Not told to the standby, which is not there yet.
    await run('SET SESSION sql_log_bin = OFF');
    await run(`CREATE OR REPLACE USER replica@'127.0.0.1' IDENTIFIED BY '${password}'`);
    await run("GRANT REPLICATION SLAVE ON *.* TO replica@'127.0.0.1'");
    await run('SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC');
    await run(`SET GLOBAL rpl_semi_sync_master_timeout = ${UNACKNOWLEDGED_MS}`);
    await run('SET GLOBAL rpl_semi_sync_master_enabled = ON');
    const { port } = await run('SELECT @@port AS port');
    await administer(standby, async (runThere) => {
      await runThere('SET GLOBAL read_only = ON');
      await runThere('SET GLOBAL rpl_semi_sync_slave_enabled = ON');
      await runThere(
        `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${port}, MASTER_USER = 'replica',
         MASTER_PASSWORD = '${password}', MASTER_USE_GTID = slave_pos`,
      );
      await runThere('START SLAVE');
      for (const until = Date.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
        const { Value: standbys } = await run("SHOW STATUS LIKE 'rpl_semi_sync_master_clients'");
        if (standbys === '1') return;
        const { Last_IO_Error: why } = await runThere('SHOW SLAVE STATUS');
        if (Date.now() > until) throw new Error(`The standby does not follow the writer: ${why}`);
      }
    });
  });
}

/** Makes the standby a writer that has all that was acknowledged; `decided` runs before the first write can come. */
export const becomeWriter = (standby: string, decided: () => void): Promise<void> =>
  administer(standby, async (run) => {
    await run('STOP SLAVE IO_THREAD');
    const { Gtid_IO_Pos: received } = await run('SHOW SLAVE STATUS');
    const { failed } = await run(`SELECT MASTER_GTID_WAIT('${received}', ${PATIENCE_MS / 1000}) AS failed`);
    const { Last_SQL_Error: why } = await run('SHOW SLAVE STATUS');
    if (failed !== 0) throw new Error(`The standby could not apply what it has. ${why}`);
    for (const statement of ['STOP SLAVE', 'RESET SLAVE ALL']) await run(statement);
    decided();
    await run('SET GLOBAL read_only = OFF');
  });

/** Lets go of what waits for a standby that is not there any more. */
export const writeAlone = (writer: string): Promise<void> =>
  administer(writer, async (run) => {
    await run('SET GLOBAL rpl_semi_sync_master_enabled = OFF');
  });

/** Runs a statement and resolves to its first row, empty when it has none. */
type Run = (statement: string) => Promise<Readonly<Record<string, unknown>>>;

/** On one connection of the server's administrator, who is whoever runs the shop. */
async function administer(socketPath: string, work: (run: Run) => Promise<void>): Promise<void> {
  const connection = await createConnection({ socketPath, user: userInfo().username });
  const run: Run = async (statement) => {
    const [rows] = await connection.query<RowDataPacket[]>(statement);
    return Array.isArray(rows) ? (rows[0] ?? {}) : {};
  };
  await work(run).finally(() => connection.end());
}
