import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CannotRunError } from '../errors';

export interface MariaDbBinaries {
  readonly server: string;
  readonly install: string;
}

/** Where servers are, though the PATH of most people does not name it. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @throws CannotRunError that names the package */
export function mariaDbBinaries(path = process.env.PATH ?? ''): MariaDbBinaries {
  const [server, install] = ['mariadbd', 'mariadb-install-db'].map((name) => {
    const found = [...path.split(delimiter), ...SERVER_FOLDERS]
      .filter(Boolean)
      .map((folder) => join(folder, name))
      .find(executable);
    if (!found) throw missing(name);
    return found;
  });
  return { server: server ?? '', install: install ?? '' };
}

export function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const missing = (name: string) =>
  new CannotRunError(
    `--servers needs MariaDB, and ${name} is not on this machine. On Debian: apt-get install mariadb-server. Without --servers the shop needs nothing.`,
  );
