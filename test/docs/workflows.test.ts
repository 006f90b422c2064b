import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEPLOY_ENVIRONMENT } from '../../lib/pipeline/pipeline-stack';
import { COMMENT_MARK } from '../../review/comment/comment';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
}
interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly if?: string;
  readonly needs?: string;
  readonly env?: Record<string, string>;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: string | readonly string[] | Record<string, { branches?: string[] }>;
  readonly permissions?: Record<string, string>;
  readonly jobs: Record<string, Job>;
  readonly concurrency?: { group: string; 'cancel-in-progress': boolean };
}

const folder = join(__dirname, '../../.github/workflows');
const files = readdirSync(folder);
const read = (file: string): Workflow => parse(readFileSync(join(folder, file), 'utf8'), { strict: true });
const workflows = Object.fromEntries(files.map((file) => [file, read(file)]));
const jobs = files.flatMap((file) =>
  Object.entries(workflows[file]?.jobs ?? {}).map(([name, job]) => ({
    file,
    name,
    job,
    workflow: read(file),
  })),
);
const triggers = ({ on }: Workflow): string[] =>
  typeof on === 'string' ? [on] : Array.isArray(on) ? [...on] : Object.keys(on);
const job = (file: string, name: string): Job => {
  const found = workflows[file]?.jobs[name];
  if (!found) throw new Error(`${file} has no job ${name}`);
  return found;
};
const script = ({ steps }: Job) => steps.map(({ run = '' }) => run).join('\n');
const SAME_REPOSITORY = 'github.event.pull_request.head.repo.full_name == github.repository';

test('the workflows are known', () => {
  expect(files.sort()).toEqual(['ci.yml', 'deploy.yml', 'review.yml']);
});

test.each(files)('%s starts by no event that lends its rights to a stranger', (file) => {
  const allowed = ['push', 'pull_request'];
  expect(triggers(workflows[file] as Workflow).filter((event) => !allowed.includes(event))).toEqual([]);
});

test.each(jobs)('$file, job $name: its rights are listed, and few', ({ job: { permissions }, workflow }) => {
  const rights = permissions ?? workflow.permissions;
  expect(rights).toBeDefined();
  const writes = Object.entries(rights ?? {})
    .filter(([, right]) => right === 'write')
    .map(([name]) => name);
  expect(writes.filter((name) => !['id-token', 'pull-requests'].includes(name))).toEqual([]);
  expect(writes.length).toBeLessThanOrEqual(1);
});

test.each(jobs)('$file, job $name: no action of others, unless by its full commit', ({ job: { steps } }) => {
  const used = steps.flatMap(({ uses }) => (uses ? [uses] : []));
  expect(used.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
});

test.each(jobs)(
  '$file, job $name: ends by itself, and puts no text of others into a script',
  ({ job: each }) => {
    expect(each['timeout-minutes']).toBeGreaterThan(0);
    expect(script(each)).not.toContain('${{');
  },
);

test.each(jobs)(
  '$file, job $name: code that was installed does not see the token',
  ({ job: { steps, env = {} } }) => {
    for (const { run = '', env: own = {} } of steps) {
      const all = { ...env, ...own };
      const runsOwnCode = /\b(npm|npx|\.ci\/run)\b/.test(run);
      if (runsOwnCode)
        expect(Object.values(all).filter((value) => /github\.token|secrets\.GITHUB/.test(value))).toEqual([]);
    }
  },
);

test('the job that runs a pull request can write nothing, and the job that writes runs nothing of it', () => {
  expect(job('review.yml', 'compare').permissions).toEqual({ contents: 'read' });
  const comment = job('review.yml', 'comment');
  expect(comment.permissions).toEqual({ 'pull-requests': 'write' });
  expect(script(comment)).not.toMatch(/git |npm|npx|node|actions\/checkout/);
  expect(comment.if).toContain(SAME_REPOSITORY);
});

test('the comment is found by its mark and updated in place', () => {
  const text = script(job('review.yml', 'comment'));
  expect(text).toContain(COMMENT_MARK);
  expect(text).toMatch(/--method PATCH .*issues\/comments\/\$id/);
  expect(workflows['review.yml']?.concurrency?.['cancel-in-progress']).toBe(true);
});

test('the role of a pull request is never for forks, and off until somebody names it', () => {
  const account = job('review.yml', 'account');
  expect(account.if).toContain(SAME_REPOSITORY);
  expect(account.if).toContain("vars.REVIEW_ROLE != ''");
  expect(script(account)).not.toMatch(/cdk deploy|DEPLOY_ROLE/);
});

test('a deploy needs the tests, the approval of the environment, and the word of three commands', () => {
  const { deploy, check } = workflows['deploy.yml']?.jobs ?? {};
  expect(deploy?.environment).toBe(DEPLOY_ENVIRONMENT);
  expect(deploy?.needs).toBe('check');
  expect(check?.if).toBe("vars.DEPLOY_ROLE != ''");
  expect(workflows['deploy.yml']?.on).toEqual({ push: { branches: ['main'] } });
  expect(workflows['deploy.yml']?.concurrency?.['cancel-in-progress']).toBe(false);
  const order = [
    'npm run --silent unattended',
    'npm run --silent preflight',
    'npx cdk deploy',
    'npm run --silent doctor',
  ];
  const places = order.map((command) => script(deploy as Job).indexOf(command));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual([...places].sort((one, other) => one - other));
});

test('no script of a package runs at its installation in a job that may take a role', () => {
  const taking = jobs.filter(({ job: { permissions = {} } }) => permissions['id-token'] === 'write');
  expect(taking.map(({ name }) => name).sort()).toEqual(['account', 'deploy']);
  for (const { job: each } of taking)
    for (const command of script(each).match(/npm (ci|install).*/g) ?? [])
      expect(command).toContain('--ignore-scripts');
});

test('only the job of the environment can take the role of a deploy', () => {
  const others = jobs.filter(({ job: { environment } }) => environment !== DEPLOY_ENVIRONMENT);
  for (const { job: each } of others) expect(JSON.stringify(each.steps)).not.toContain('DEPLOY_ROLE');
});
