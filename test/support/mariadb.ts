import { execFile as execFileCallback } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import {
  AS_THIS_USER,
  answering,
  type DatabaseServer,
  launchServer,
  type ServerProgram,
} from './database-server';

const execFile = promisify(execFileCallback);
const BINARY = '/usr/sbin/mariadbd';

/** True if this machine has MariaDB. If every server is required (in CI), its absence is an error, not a skip. */
export function hasMariaDb(): boolean {
  if (existsSync(BINARY)) return true;
  if (process.env.REQUIRE_SERVERS === '1')
    throw new Error('MariaDB is missing: apt-get install mariadb-server');
  return false;
}

/** A MariaDB of the test's own. */
export async function startMariaDb(): Promise<DatabaseServer> {
  const server = launchMariaDb();
  await answering(server.socket);
  return server;
}

/** The same without waiting; before a connection, wait with `answering`. */
export const launchMariaDb = (...more: readonly string[]): DatabaseServer => launchServer(MARIADB, more);

/** The data outlives a killed process, not the machine: tables are made in half the time, and a server in a third. */
const NO_SYNC = ['--innodb-flush-method=nosync', '--debug-no-sync', '--skip-sync-frm'];

const MARIADB: ServerProgram = {
  name: 'mariadb',
  command: BINARY,
  install: async (folder) => {
    await execFile('mariadb-install-db', [
      '--no-defaults',
      `--datadir=${folder}/data`,
      `--tmpdir=${folder}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...[...NO_SYNC, ...AS_THIS_USER],
    ]);
  },
  args: NO_SYNC,
};
