import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Phase } from '../../lib/phases';
import { CannotRunError } from '../errors';

export interface MariaDbBinaries {
  readonly server: string;
  readonly install: string;
}

/** Folders of servers, which are often not in the PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

export interface Binaries {
  readonly mariaDb: MariaDbBinaries;
  readonly nginx: string;
  /** Valkey, or Redis, which speaks the same protocol. */
  readonly cache: string;
}

interface Program {
  readonly name: string;
  /** Used in place of `name` where that is not on the machine. */
  readonly substitute?: string;
  readonly of: string;
  /** The Debian package. */
  readonly package: string;
}

const SERVER: Program = { name: 'mariadbd', of: 'MariaDB', package: 'mariadb-server' };
const INSTALL: Program = { ...SERVER, name: 'mariadb-install-db' };
const NGINX: Program = { name: 'nginx', of: 'nginx', package: 'nginx-light' };
const CACHE: Program = {
  ...{ name: 'valkey-server', substitute: 'redis-server', of: 'Valkey or Redis', package: 'redis-server' },
};

/** @throws CannotRunError with the packages of all missing programs */
export function binariesOf(
  { tiers, cache }: Pick<Phase, 'tiers' | 'cache'>,
  path = [process.env.PATH ?? '', ...SERVER_FOLDERS].join(delimiter),
): Binaries {
  const wanted = [
    ...[SERVER, INSTALL],
    ...(tiers === 'none' ? [] : [NGINX]),
    ...(cache === 'none' ? [] : [CACHE]),
  ];
  const found = new Map(
    wanted.map((program) => [
      program,
      fileOf(program.name, path) ?? (program.substitute && fileOf(program.substitute, path)),
    ]),
  );
  const absent = wanted.filter((program) => !found.get(program));
  if (absent.length > 0) throw missing(absent);
  const file = (program: Program) => found.get(program) ?? '';
  return {
    mariaDb: { server: file(SERVER), install: file(INSTALL) },
    nginx: file(NGINX),
    cache: file(CACHE),
  };
}

const fileOf = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(executable);

export function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const list = new Intl.ListFormat('en-GB', { type: 'conjunction' });

function missing(programs: readonly Program[]): CannotRunError {
  const listed = (field: 'name' | 'of' | 'package') => [
    ...new Set(programs.map((program) => program[field])),
  ];
  const [needs, names] = [list.format(listed('of')), list.format(listed('name'))];
  return new CannotRunError(
    `--servers needs ${needs}, and ${names} ${programs.length === 1 ? 'is' : 'are'} not on this machine. On Debian: apt-get install ${listed('package').join(' ')}. Without --servers the shop needs none of them.`,
  );
}
