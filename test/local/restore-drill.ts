import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { CheckResult } from '../../lambda/data-migration/control/progress';
import { createMover } from '../../lambda/data-migration/mover';
import { fileMarker } from '../../lambda/data-migration/placement/marker-file';
import { acquirePlacementLease } from '../../lambda/data-migration/placement/placement-lease';
import { openDiskBlobs } from '../../lambda/shared/blobs/disk';
import { openSql } from '../../lambda/shared/sql/open';

import { answering } from '../support/database-server';
import { mariaDb } from '../support/engines';

/**
 * The restore drill of docs/deploy.md as far as one machine can: restores a backup of a running server into a fresh
 * one, and compares both as `npm run move -- --check` does.
 */
export async function startRestoreDrill(
  liveSocket: string,
): Promise<{ compare(): Promise<CheckResult>; stop(): Promise<void> }> {
  const fresh = mariaDb().launch();
  await answering(fresh.socket);
  await restored(liveSocket, fresh.socket);
  const folder = mkdtempSync(join(tmpdir(), 'shop-drill-'));
  const blobs = await openDiskBlobs(folder);
  const schemas = async (socket: string) => ({
    users: await openSql(urlOf(socket, 'users')),
    inventory: await openSql(urlOf(socket, 'inventory')),
  });
  const [live, copy] = [await schemas(liveSocket), await schemas(fresh.socket)];
  const sides = { box: { schemas: live, blobs }, managed: { schemas: copy, blobs } };
  const mover = createMover({
    sides,
    placed: await acquirePlacementLease(fileMarker(join(folder, 'marker'))),
  });
  return {
    compare: () => mover.check({ report: async () => undefined }),
    stop: async () => {
      await Promise.all([live, copy].flatMap((side) => Object.values(side).map((sql) => sql.close())));
      await fresh.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function restored(from: string, to: string): Promise<void> {
  const common = ['--no-defaults', `--user=${userInfo().username}`];
  const what = ['--single-transaction', '--databases', 'users', 'inventory'];
  const dump = spawn('mariadb-dump', [...common, `--socket=${from}`, ...what]);
  const load = spawn('mariadb', ['--no-defaults', '--user=root', `--socket=${to}`]);
  dump.stdout.pipe(load.stdin);
  const codes = await Promise.all([once(dump, 'close'), once(load, 'close')]);
  if (codes.some(([code]) => code !== 0)) throw new Error(`The dump or the load failed: ${codes}`);
}

/**
 * As the administrator of each: the current user for the shop's server, root without a password for a test's server.
 */
const urlOf = (socket: string, schema: string) =>
  `mysql://${socket.endsWith('aurora.sock') ? userInfo().username : 'root'}@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`;
