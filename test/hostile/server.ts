import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { migrate } from '../../lambda/shared/sql/migrations';
import type { Sql } from '../../lambda/shared/sql/sql';
import { usersMigrations } from '../../lambda/users/migrations';
import { compiled } from '../../local/compiled';
import { cleanup } from '../support/cleanup';
import type { Engine } from '../support/engines';
import { until } from '../support/until';

const ROOT = join(__dirname, '../..');

/** The whole shop in a process of its own, as the box runs it, and its schemas. */
export interface Server {
  readonly port: number;
  /** Every line that it logged. */
  readonly lines: string[];
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  /** Tells it to stop, and resolves to its exit code, or to the signal that ended it. */
  terminate(): Promise<number | string>;
  /** Ends the process and its connections. */
  close(): Promise<void>;
}

export async function startServer(engine: Engine): Promise<Server> {
  const [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
  await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
  const media = mkdtempSync(join(tmpdir(), 'shop-hostile-'));
  const child = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      [SETTING.usersDatabase]: usersSql.url,
      [SETTING.inventoryDatabase]: inventorySql.url,
      [SETTING.media]: `file:${media}`,
      [SETTING.port]: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const close = cleanup(async () => {
    child.kill('SIGKILL');
    await ended;
    await Promise.all([usersSql.close(), inventorySql.close()]);
    rmSync(media, { recursive: true, force: true });
  });
  const lines: string[] = [];
  createInterface(child.stderr).on('line', (line) => lines.push(line));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const { msg, port } = JSON.parse(line);
      if (msg === 'serving') resolve(port);
    });
    ended.then(() => reject(new Error(`The shop does not run: ${lines.join('\n')}`)), reject);
  });
  return {
    ...{ port, lines, usersSql, inventorySql },
    terminate: () => {
      child.kill('SIGTERM');
      return ended;
    },
    close,
  };
}

/** Resolves when the server has logged a message. */
export async function lineWith({ lines }: Server, message: string): Promise<void> {
  await until(() => lines.some((line) => line.includes(`"msg":"${message}"`)));
}
