/**
 * Milliseconds from the start of a Node process to the first answer of a function, beside one that has hono alone:
 * `npx tsx lab/bench/cold-start.ts [rounds]`. The code is what would be deployed; SQLite stands for the database. Interleaved
 * rounds, medians. What Lambda adds before a process starts is not in it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { bundle } from '../../lib/bundle';
import { createDatabases, databaseFiles } from '../../local/databases';
import { median } from '../analysis/statistics';

const ROOT = join(__dirname, '..', '..');
const EVENT = {
  ...{ httpMethod: 'GET', path: '/healthz', headers: { host: 'shop.example' }, queryStringParameters: {} },
  ...{ body: '', isBase64Encoded: false },
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1' } },
};
const EMPTY = `import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
export const handler = handle(new Hono().get('/healthz', (c) => c.text('ok')));`;

/** Prints the time since the process began. */
const run = (file: string) => `require(${JSON.stringify(file)})
  .handler(${JSON.stringify(EVENT)}, {})
  .then(({ statusCode }) => {
    require('node:fs').writeSync(3, statusCode + ' ' + performance.now());
    process.exit();
  });`;

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-cold-'));
  const databases = await createDatabases(folder);
  await databases.close();
  const files = databaseFiles(folder);
  const env = {
    PATH: process.env.PATH,
    NODE_PATH: join(ROOT, 'node_modules'),
    [SETTING.usersDatabase]: `file:${files.users}`,
    [SETTING.inventoryDatabase]: `file:${files.inventory}`,
    [SETTING.media]: `file:${folder}`,
    [SETTING.usersRpcUrl]: 'http://127.0.0.1:1',
    [SETTING.shopRole]: 'all',
  };
  const made = bundle();
  const programs = {
    'hono alone': join(folder, 'empty.js'),
    users: join(made.service('users'), 'index.js'),
    inventory: join(made.service('inventory'), 'index.js'),
  };
  writeFileSync(join(folder, 'empty.ts'), EMPTY);
  buildSync({
    ...{ entryPoints: [join(folder, 'empty.ts')], outfile: programs['hono alone'], bundle: true },
    ...{ platform: 'node', format: 'cjs', nodePaths: [join(ROOT, 'node_modules')] },
  });
  const measured: Record<string, number[]> = {};
  for (let n = 0; n <= rounds; n++) {
    for (const [name, file] of Object.entries(programs)) {
      const { output, stderr } = spawnSync(process.execPath, ['-e', run(file)], {
        ...{ env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'], encoding: 'utf8' },
      });
      const [status, ms] = (output[3] ?? '').split(' ');
      if (status !== '200') throw new Error(`${name} answered ${status}: ${stderr}`);
      // The first round reads files from the disk.
      if (n > 0) measured[name] = [...(measured[name] ?? []), Number(ms)];
    }
  }
  rmSync(folder, { recursive: true });
  for (const [name, times] of Object.entries(measured))
    console.log(`${name.padEnd(12)}${median(times).toFixed(0).padStart(6)} ms`);
}

void main(Number(process.argv[2] ?? 9));
