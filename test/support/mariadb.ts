import { type ChildProcess, execFile as execFileCallback, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';

const execFile = promisify(execFileCallback);
const BINARY = '/usr/sbin/mariadbd';

export interface MariaDb {
  readonly socket: string;
  /** Ends it without a word, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the data that it left, and resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether this machine has MariaDB. Where every server must be there (CI), its absence is an error, not a skip. */
export function hasMariaDb(): boolean {
  if (existsSync(BINARY)) return true;
  if (process.env.REQUIRE_SERVERS === '1')
    throw new Error('MariaDB is missing: apt-get install mariadb-server');
  return false;
}

/** A MariaDB of the test's own: private folder, unix socket only, binlog on as on Aurora with replicas. */
export async function startMariaDb(): Promise<MariaDb> {
  const server = launchMariaDb();
  await answering(server.socket);
  return server;
}

/** The same, at once: who connects waits for it with `answering`. */
export function launchMariaDb(): MariaDb {
  const folder = mkdtempSync(join(tmpdir(), 'shop-mariadb-'));
  const socket = join(folder, 'sock');
  let launched = install(folder).then(() => launch(folder, socket));
  const end = async (signal: NodeJS.Signals) => {
    const server = await launched;
    const exited = once(server, 'exit');
    if (server.kill(signal)) await exited;
  };
  return {
    socket,
    kill: () => end('SIGKILL'),
    restart: async () => {
      launched = Promise.resolve(launch(folder, socket));
      await answering(socket);
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const user = process.getuid?.() === 0 ? ['--user=root'] : [];

async function install(folder: string): Promise<void> {
  await execFile('mariadb-install-db', [
    '--no-defaults',
    `--datadir=${folder}/data`,
    // Servers that start at the same time in one temporary folder delete each other's tables.
    `--tmpdir=${folder}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...user,
  ]);
}

function launch(folder: string, socket: string): ChildProcess {
  return spawn(
    BINARY,
    [
      '--no-defaults',
      `--datadir=${folder}/data`,
      `--socket=${socket}`,
      `--pid-file=${folder}/pid`,
      `--tmpdir=${folder}`,
      '--skip-networking',
      '--log-bin',
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-buffer-pool-size=64M',
      '--max-connections=400',
      ...user,
    ],
    { stdio: 'ignore' },
  );
}

export async function answering(socket: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const connection = await createConnection({ socketPath: socket, user: 'root' });
      return await connection.end();
    } catch (error) {
      if (attempt === 300) throw error;
      await sleep(100);
    }
  }
}
