import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled } from '../../local/compiled';
import { settings } from '../phases/synthesized';

const root = join(__dirname, '../..');
const out = mkdtempSync(join(tmpdir(), 'shop-synth-'));
afterAll(() => rmSync(out, { recursive: true }));

/** As the CDK's CLI runs the app: context and output directory in the environment. */
function synthesize(context: Record<string, unknown>) {
  return spawnSync(process.execPath, compiled('bin/shop.ts'), {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ ...settings, ...context }),
    },
  });
}

test('wrong options stop the app with all that is wrong, without a stack trace', () => {
  const { status, stdout, stderr } = synthesize({ phase: 9, instanceType: 't9.huge', sshCidrs: '0.0.0.0/0' });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toEqual([
    'Invalid configuration:',
    expect.stringMatching(/^ {2}- phase: 9 was given; allowed: 1/),
    expect.stringMatching(/^ {2}- sshCidrs: "0\.0\.0\.0\/0" was given; allowed: IPv4 ranges/),
    expect.stringMatching(/^ {2}- instanceType: "t9\.huge" was given; allowed \(Graviton\): t4g\.small/),
  ]);
});
