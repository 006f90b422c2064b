import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirPaths } from '../../local/data-dir';
import { reset } from '../../local/reset';
import { writePidfile } from '../../local/servers/pidfile';
import { cleanup } from '../support/cleanup';
import { folder, removeFolders } from './shop-process';

afterAll(removeFolders);

test('a reset ends the servers that a killed shop left, before it deletes the files that they have open', async () => {
  const data = folder();
  const { servers, record, shop } = dataDirPaths(data);
  for (const made of [servers, shop]) mkdirSync(made, { recursive: true });
  const file = join(servers, 'still-there');
  writeFileSync(file, '');
  const mark = 'mark:reset';
  // It says at its end whether its file was still there.
  const program = `process.once('SIGTERM', () => process.exit(require('fs').existsSync(${JSON.stringify(file)}) ? 7 : 8));
    console.log(); setInterval(() => {}, 9e5)`;
  const server = spawn(process.execPath, ['-e', program, mark]);
  cleanup(() => server.kill('SIGKILL'));
  await once(server.stdout, 'data');
  const exited = once(server, 'exit');
  writePidfile(record, {
    sockets: join(data, 'shop-sockets'),
    processes: [{ pid: server.pid ?? 0, mark }],
  });
  expect(await reset(data)).toEqual([shop, servers]);
  expect(existsSync(data)).toBe(false);
  expect(await exited).toEqual([7, null]);
});
