import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from '../../local/servers/free-port';
import { answering, type DatabaseServer } from './database-server';
import { launchMariaDb } from './mariadb';

export interface Replica extends DatabaseServer {
  /** Applies nothing until `follow`. */
  hold(): Promise<void>;
  /** Applies what it receives, so many seconds after it was committed. Default: at once. */
  follow(delaySeconds?: number): Promise<void>;
}

export interface ReplicatedServers {
  readonly primary: DatabaseServer;
  readonly replicas: readonly Replica[];
  /** Of a schema there. `@@server_id` is 1 at the primary, 2 at the first replica, and so on. */
  url(server: DatabaseServer, schema: string): string;
  stop(): Promise<void>;
}

/** MariaDB servers that replicate asynchronously, as root of each. */
export async function startReplicated(count: number): Promise<ReplicatedServers> {
  const launch = async (id: number) => {
    const port = await freePort();
    const over = ['--skip-networking=0', '--bind-address=127.0.0.1', `--port=${port}`];
    return { port, server: launchMariaDb(...over, `--server-id=${id}`) };
  };
  const [first, ...others] = await Promise.all(Array.from({ length: count + 1 }, (_, n) => launch(n + 1)));
  if (!first) throw new Error('There is a primary');
  const all = [first, ...others].map(({ server }) => server);
  const stop = async () => {
    await Promise.all(all.map((server) => server.stop()));
  };
  try {
    await Promise.all(all.map(({ socket }) => answering(socket)));
    await administer(first.server, [
      'RESET MASTER',
      "CREATE USER replica@'127.0.0.1' IDENTIFIED BY 'replica'",
      "GRANT REPLICATION SLAVE ON *.* TO replica@'127.0.0.1'",
    ]);
    const replicas = others.map(({ server }) => replicaOf(server));
    for (const replica of replicas) {
      await administer(replica, [
        'RESET MASTER',
        "SET GLOBAL gtid_slave_pos = ''",
        `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${first.port}, MASTER_USER = 'replica',
         MASTER_PASSWORD = 'replica', MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1`,
        'START SLAVE',
      ]);
    }
    const url = ({ socket }: DatabaseServer, schema: string) =>
      `mysql://root@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`;
    return { primary: first.server, replicas, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const replicaOf = (server: DatabaseServer): Replica => ({
  ...server,
  hold: () => administer(server, ['STOP SLAVE SQL_THREAD']),
  follow: (delay = 0) =>
    administer(server, ['STOP SLAVE', `CHANGE MASTER TO MASTER_DELAY = ${delay}`, 'START SLAVE']),
});

async function administer({ socket }: DatabaseServer, statements: readonly string[]): Promise<void> {
  const connection = await createConnection({ socketPath: socket, user: 'root' });
  try {
    for (const statement of statements) await connection.query<RowDataPacket[]>(statement);
  } finally {
    await connection.end();
  }
}
