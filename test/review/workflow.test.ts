import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COMMENT_MARK, MOST_BYTES } from '../../review/comment/comment';
import { trackedFiles } from '../support/tracked-files';

/** The job that makes the comment, run as GitHub does: its own script, in a checkout of both sides, without a network. */
const root = join(__dirname, '../..');

interface Step {
  readonly name?: string;
  readonly run?: string;
}

/** The script of a step of the job `compare`. */
function scriptOf(name: string): string {
  const { jobs } = parse(readFileSync(join(root, '.github/workflows/review.yml'), 'utf8')) as {
    jobs: { compare: { steps: Step[] } };
  };
  const { run } = jobs.compare.steps.find((step) => step.name === name) ?? {};
  if (!run) throw new Error(`The job "compare" has no step "${name}"`);
  return run;
}

/** This checkout in another folder, with another phase, as after the step "Install". */
function checkOut(folder: string, phase: number): void {
  for (const file of trackedFiles(root)) cpSync(join(root, file), join(folder, file));
  for (const shared of ['node_modules', '.native']) symlinkSync(join(root, shared), join(folder, shared));
  const settings = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const changed = { ...settings, context: { ...settings.context, phase } };
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify(changed, null, 2));
}

describe('the workflow of a pull request that takes the shop to the next phase', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-review-'));
  const [head, temporary] = [join(folder, 'checkout'), join(folder, 'temporary')];
  let result: { code: number; comment: string; output: string };

  beforeAll(async () => {
    mkdirSync(temporary, { recursive: true });
    checkOut(head, 6);
    checkOut(join(head, 'base'), 5);
    const nowhere = 'http://127.0.0.1:1';
    const { PATH = '', HOME = '' } = process.env;
    const from = performance.now();
    const child = spawn('bash', ['-e', '-o', 'pipefail', '-c', scriptOf('Compare')], {
      cwd: head,
      env: {
        ...{ PATH, HOME, RUNNER_TEMP: temporary, TMPDIR: temporary },
        ...{ GITHUB_OUTPUT: join(temporary, 'output'), GITHUB_STEP_SUMMARY: join(temporary, 'summary') },
        ...{ HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere, AWS_EC2_METADATA_DISABLED: 'true' },
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number];
    const seconds = (performance.now() - from) / 1000;
    // The goal is 90: figures have no limit in tests.
    console.info(`The job made its comment in ${seconds.toFixed(1)} s`);
    const read = (file: string) => readFileSync(join(temporary, file), 'utf8');
    result = { code, comment: read('comment.md'), output: read('output') };
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('says that the step may be made, in a comment that is found again and that GitHub takes', () => {
    expect([result.code, result.comment.split('\n')[0]]).toEqual([0, COMMENT_MARK]);
    expect(result.comment).toContain('### The step from phase 5 to 6');
    expect(Buffer.byteLength(result.comment)).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('has each part, and the difference in costs', () => {
    for (const title of ['Replaced or removed', 'Shoppers notice', 'Permissions', 'Open ports'])
      expect(result.comment).toContain(`#### ${title}`);
    const [, costs = ''] = result.comment.split('#### Costs');
    expect(costs).toMatch(/ {2}before +[\d,.]+\n {2}after +[\d,.]+\n {2}the step +[+-][\d,.]+/);
  });

  it('gives the whole comment to the job that writes it, whatever stands in it', () => {
    const [, end, given] = /^comment<<([0-9a-f]{32})\n([\s\S]*)\n\1\n$/.exec(result.output) ?? [];
    expect(end).toBeDefined();
    expect(`${given}\n`).toBe(result.comment);
  });
});
