import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileMarker } from '../../lambda/move/marker-file';
import { createMover } from '../../lambda/move/mover';
import { claimPlacement } from '../../lambda/move/placed';
import type { CheckResult } from '../../lambda/move/progress';
import { openDiskBlobs } from '../../lambda/shared/blobs-disk';
import { openSql } from '../../lambda/shared/sql';
import { startMariaDb } from '../support/mariadb';

/** The restore drill of docs/deploy.md as far as a machine can: a backup of a running server in a fresh one, and what `npm run move -- --check` compares with. */
export async function dumpedAndRestored(
  liveSocket: string,
): Promise<{ compare(): Promise<CheckResult>; stop(): Promise<void> }> {
  const fresh = await startMariaDb();
  await restored(liveSocket, fresh.socket);
  const folder = mkdtempSync(join(tmpdir(), 'shop-drill-'));
  const blobs = await openDiskBlobs(folder);
  const schemas = async (socket: string) => ({
    users: await openSql(urlOf(socket, 'users')),
    inventory: await openSql(urlOf(socket, 'inventory')),
  });
  const [live, copy] = [await schemas(liveSocket), await schemas(fresh.socket)];
  const sides = { box: { schemas: live, blobs }, managed: { schemas: copy, blobs } };
  const mover = createMover({ sides, placed: await claimPlacement(fileMarker(join(folder, 'marker'))) });
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

/** As whoever may administer both: the operating system's user there, root without a password in a test's server. */
const urlOf = (socket: string, schema: string) =>
  `mysql://${socket.endsWith('aurora.sock') ? userInfo().username : 'root'}@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`;
