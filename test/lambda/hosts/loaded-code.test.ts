import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');

/** Clients and drivers that cost start-up time, and that a program needs for some of its settings alone. */
const ON_DEMAND = ['@aws-sdk/client-', '@redis/client', 'mysql2', 'libsql', 'sharp'];

test.each([
  'lambda/users/handler.ts',
  'lambda/inventory/handler.ts',
  'lambda/hosts/server.ts',
  'lib/shop.ts',
])('%s is loaded without a client of AWS, of a cache or of a database', (program) => {
  // A server starts when it is loaded, and ends since it has no settings.
  const script = `require('./${program}');
      require('node:fs').writeSync(3, JSON.stringify(Object.keys(require.cache)));
      process.exit();`;
  const args = ['--import', 'tsx', '-e', script];
  const { output, stderr } = spawnSync(process.execPath, args, {
    ...{ cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  });
  if (!output[3]) throw new Error(stderr);
  const loaded: string[] = JSON.parse(output[3]);
  expect(loaded.length).toBeGreaterThan(50);
  const packages = loaded.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  const early = packages.filter((name) => ON_DEMAND.some((start) => name.startsWith(start)));
  expect([...new Set(early)]).toEqual([]);
});
