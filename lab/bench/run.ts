/**
 * Measures the small ratios in about a minute: `npm run bench`. Each program alone, with more rounds, is more exact.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const BENCHES = [
  { file: 'read-path.ts', rounds: 3 },
  { file: 'reservations.ts', rounds: 1 },
  { file: 'web-tier.ts', rounds: 2 },
  { file: 'cache.ts', rounds: 3 },
] as const;

for (const { file, rounds } of BENCHES) {
  console.log(`\n${file}, ${rounds} rounds`);
  const args = ['--import', 'tsx', join(__dirname, file), String(rounds)];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
