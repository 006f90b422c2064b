import { execFile as execFileCallback } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CannotRunError } from '../errors';
import type { MariaDbBinaries } from './binaries';
import type { ServerCommand, Servers, Serving } from './processes';

const execFile = promisify(execFileCallback);

/** What the box's MariaDB is configured with; a few lines of it are about that machine, and are given here instead. */
const BOX_CONFIGURATION = join(__dirname, '..', '..', 'lib', 'compute', 'box', 'host', 'mariadb', 'my.cnf');

/** A megabyte is plenty for the products of a shop to look at; the rest is for what people add. */
const BUFFER_POOL_MIB = 32;

export interface MariaDbOptions {
  /** For people. */
  readonly name: string;
  /** Holds its data, and its configuration. */
  readonly folder: string;
  readonly socket: string;
  readonly log: string;
  readonly binaries: MariaDbBinaries;
  /** Beside the box's configuration, which they win over. */
  readonly args?: readonly string[];
  readonly ended?: ServerCommand['ended'];
}

/** A MariaDB of this shop alone, configured as the box's, on a unix socket. Its administrator is who runs the shop. */
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

/** Its data folder with its system tables, when there is none. Made beside and renamed: never half made. */
export async function installMariaDb({ name, folder, binaries }: MariaDbOptions): Promise<void> {
  // Of its own: a server that starts removes what it takes for left-over temporary tables, also another's that runs.
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
    throw new CannotRunError(`${name} could not make its system tables: ${error.stderr || error.message}`);
  });
  renameSync(fresh, data);
}

/** It does not run as root unless it is told so. */
const shared = (folder: string) => [
  `--tmpdir=${join(folder, 'temporary')}`,
  ...(process.getuid?.() === 0 ? ['--user=root'] : []),
];
