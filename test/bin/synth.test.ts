import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compiled } from '../../local/compiled';

const synth = (...args: string[]) =>
  spawnSync(process.execPath, [...compiled('bin/synth.ts'), ...args], {
    cwd: join(__dirname, '../..'),
    encoding: 'utf8',
  });

test('the command explains itself, and names the one that prints a template', () => {
  const { status, stdout, stderr } = synth('--help');
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toContain('npx cdk synth Shop-Data -c phase=2');
  expect(stderr.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('an argument is refused, since none would have an effect', () => {
  const { status, stderr } = synth('--phase', '3');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^npm run synth takes no arguments, and was given: --phase 3\n/);
});
