import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Phase } from '../../lib/phases';
import { CannotRunError } from '../errors';

export interface MariaDbBinaries {
  readonly server: string;
  readonly install: string;
}

/** Where servers are, though the PATH of most people does not name it. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

interface Program {
  readonly name: string;
  readonly of: string;
  /** Of Debian. */
  readonly package: string;
}

const SERVER: Program = { name: 'mariadbd', of: 'MariaDB', package: 'mariadb-server' };
const INSTALL: Program = { ...SERVER, name: 'mariadb-install-db' };
const NGINX: Program = { name: 'nginx', of: 'nginx', package: 'nginx-light' };

/** @throws CannotRunError that names the packages of all that is missing */
export function binariesOf(
  { tiers }: Pick<Phase, 'tiers'>,
  path = [process.env.PATH ?? '', ...SERVER_FOLDERS].join(delimiter),
): { readonly mariaDb: MariaDbBinaries; readonly nginx: string } {
  const wanted = tiers === 'none' ? [SERVER, INSTALL] : [SERVER, INSTALL, NGINX];
  const found = new Map(wanted.map((program) => [program, fileOf(program.name, path)]));
  const absent = wanted.filter((program) => !found.get(program));
  if (absent.length > 0) throw missing(absent);
  const file = (program: Program) => found.get(program) ?? '';
  return { mariaDb: { server: file(SERVER), install: file(INSTALL) }, nginx: file(NGINX) };
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
  const listed = (field: keyof Program) => [...new Set(programs.map((program) => program[field]))];
  const [needs, names] = [list.format(listed('of')), list.format(listed('name'))];
  return new CannotRunError(
    `--servers needs ${needs}, and ${names} ${programs.length === 1 ? 'is' : 'are'} not on this machine. On Debian: apt-get install ${listed('package').join(' ')}. Without --servers the shop needs nothing.`,
  );
}
