import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adminUrl } from './admin-url';
import { WRITER_SOCKET } from './cluster';
import { socketsOf } from './databases';

/**
 * The inventory database of the shop that runs on servers of this data folder, with all rights; undefined if none runs
 * there, or one of a phase before the standby.
 */
export function servedInventory(folder: string): string | undefined {
  const sockets = socketsOf(folder);
  const socket = join(sockets ?? '', WRITER_SOCKET);
  return sockets && existsSync(socket) ? adminUrl(socket, 'inventory') : undefined;
}
