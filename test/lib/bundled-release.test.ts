import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundle } from '../../lib/bundle';
import { cleanup } from '../support/cleanup';

/** The programs of hosts as they are deployed, with this machine's native modules in place of Graviton's. */
function programs(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shop-release-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of ['server.js', 'migrate.js'])
    copyFileSync(join(bundle().release('all'), file), join(folder, file));
  symlinkSync(join(__dirname, '../../node_modules'), join(folder, 'node_modules'));
  return folder;
}

test(`the release migrates, serves, hashes passwords and ends on Node ${process.versions.node}`, async () => {
  const folder = programs();
  const env = {
    ...{ PATH: process.env.PATH, PORT: '0', MEDIA: `file:${folder}/media` },
    ...{ USERS_DATABASE: `file:${folder}/users.db`, INVENTORY_DATABASE: `file:${folder}/inventory.db` },
  };
  execFileSync(process.execPath, ['migrate.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const server = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup(() => server.kill('SIGKILL'));
  const exited = once(server, 'exit');
  const port = await new Promise<number>((resolve) => {
    createInterface(server.stdout).on('line', (line) => {
      const { port } = JSON.parse(line);
      if (port) resolve(port);
    });
  });
  const post = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const account = { email: 'ada@example.com', password: 'correct horse battery' };
  expect((await post('/api/users', { ...account, name: 'Ada' })).status).toBe(201);
  expect((await post('/api/sessions', account)).status).toBe(201);
  const products = await fetch(`http://127.0.0.1:${port}/api/products`);
  expect([products.status, await products.json()]).toEqual([200, { items: [] }]);
  server.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
