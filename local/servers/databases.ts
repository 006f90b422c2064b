import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type SchemaName, schemas } from '../../lib/data/schemas';
import { dataDirPaths, short } from '../data-dir';
import { databaseFiles } from '../databases';
import { CannotRunError } from '../errors';
import { adminUrl } from './admin-url';
import { WRITER_SOCKET, writerIn } from './cluster';
import { isOurs, readPidfile } from './pidfile';
import { placementIn, usersPlacementIn } from './placement';
import { USERS_CLUSTER } from './users-cluster';

/**
 * The URL of a schema of the shop of a data folder: of its servers if they run, otherwise of its file. The shop may run
 * meanwhile. @throws CannotRunError if there is no shop
 */
export function databaseUrl(folder: string, name: SchemaName): string {
  const { servers: home, shop } = dataDirPaths(folder);
  const sockets = socketsOf(folder);
  if (sockets) return adminUrl(join(sockets, serverOf(name, home, sockets)), schemas[name].name);
  const file = databaseFiles(shop)[name];
  if (!existsSync(file))
    throw new CannotRunError(
      `There is no shop in ${short(folder)}, or it does not run: npm start makes one.`,
    );
  return `file:${file}`;
}

/** The folder with the sockets of the servers that a shop runs on; undefined if none of this data folder does. */
export function socketsOf(folder: string): string | undefined {
  const running = readPidfile(dataDirPaths(folder).record);
  return running?.processes.some(isOurs) ? running.sockets : undefined;
}

/** The name of a server's socket. */
function serverOf(name: SchemaName, home: string, sockets: string): string {
  if (placementIn(home) === 'box') return 'box.sock';
  if (name === 'users' && usersPlacementIn(home) === 'own') return `${USERS_CLUSTER}.sock`;
  // With a standby, a link leads to the one of both that writes.
  return existsSync(join(sockets, WRITER_SOCKET)) ? WRITER_SOCKET : `${writerIn(home)}.sock`;
}
