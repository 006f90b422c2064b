import { execFile as execFileCallback } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../lib/root';
import { CannotRunError } from '../errors';
import type { MariaDbBinaries } from './binaries';
import type { ServerCommand, Servers, Serving } from './processes';

const execFile = promisify(execFileCallback);

/** The configuration of the box's MariaDB; its machine-specific lines are replaced here. */
const BOX_CONFIGURATION = join(ROOT, 'lib', 'compute', 'box', 'host', 'mariadb', 'my.cnf');

/** The sample products need about a megabyte; the rest is for users' data. */
const BUFFER_POOL_MIB = 32;

export interface MariaDbOptions {
  /** Shown to people. */
  readonly name: string;
  /** Contains its data and its configuration. */
  readonly folder: string;
  readonly socket: string;
  readonly log: string;
  readonly binaries: MariaDbBinaries;
  /** Override the box's configuration. */
  readonly args?: readonly string[];
  readonly ended?: ServerCommand['ended'];
}

/** A private MariaDB with the box's configuration, on a unix socket. Its administrator is the current user. */
export async function startMariaDb(servers: Servers, options: MariaDbOptions): Promise<Serving> {
  const { name, folder, socket, log, args = [], ended } = options;
  await installMariaDb(options);
  const data = join(folder, 'data');
  const configuration = join(folder, 'my.cnf');
  const asOnTheBox = readFileSync(BOX_CONFIGURATION, 'utf8');
  writeFileSync(configuration, asOnTheBox.replace('@BUFFER_POOL_MIB@', String(BUFFER_POOL_MIB)));
  return servers.start({
    name,
    command: options.binaries.server,
    args: [
      `--defaults-file=${configuration}`,
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--pid-file=${socket}.pid`,
      `--log-error=${log}`,
      `--slow-query-log-file=${join(folder, 'slow.log')}`,
      '--innodb-log-file-size=16M',
      ...shared(folder),
      ...args,
    ],
    mark: `--datadir=${data}`,
    log,
    ready: /mariadbd: ready for connections/,
    ended,
  });
}

/** Creates the data folder with the system tables, if missing. Created under another name, so it is never partial. */
export async function installMariaDb({ name, folder, binaries }: MariaDbOptions): Promise<void> {
  // Not shared: a starting server removes left-over temporary tables, even those of another running server.
  mkdirSync(join(folder, 'temporary'), { recursive: true });
  const data = join(folder, 'data');
  if (existsSync(data)) return;
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const accounts = [
    '--skip-test-db',
    '--auth-root-authentication-method=socket',
    `--auth-root-socket-user=${userInfo().username}`,
  ];
  const given = ['--no-defaults', `--datadir=${fresh}`, ...accounts, ...shared(folder)];
  await execFile(binaries.install, given).catch((error) => {
    throw new CannotRunError(`${name} could not create its system tables: ${error.stderr || error.message}`);
  });
  renameSync(fresh, data);
}

/** It refuses to run as root without this option. */
const shared = (folder: string) => [
  `--tmpdir=${join(folder, 'temporary')}`,
  ...(process.getuid?.() === 0 ? ['--user=root'] : []),
];
