import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const { engines, scripts, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Runs the check as if this Node were another one. */
function checkedAs(version: string) {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });`;
  const program = `${pretend} require(${JSON.stringify(join(root, 'bin/node-floor.js'))})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each(['12.22.12', '18.20.8', '20.19.9'])('Node %s is told what is needed instead', (version) => {
  const { status, stdout, stderr } = checkedAs(version);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(
    `This shop needs Node 20.20 or newer, and this is Node ${version} (${process.execPath})`,
  );
  expect(stderr).toContain('https://nodejs.org/');
});

test.each(['20.20.0', '21.0.0', '24.1.0', process.versions.node])('Node %s is told nothing', (version) => {
  expect(checkedAs(version)).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('starting the shop and installing it check that first, in words that any Node can read', () => {
  for (const script of ['start', 'prepare']) expect(scripts[script]).toMatch(/^node bin\/node-floor\.js && /);
  const source = readFileSync(join(root, 'bin/node-floor.js'), 'utf8');
  // Of after 2016, or of modules that are not CommonJS.
  expect(source).not.toMatch(/\?\.|\?\?|node:|^import |\basync\b|\.\.\.|\bat\(/m);
});

test('the floor is what the decision says, what the types are of, and what the README names', () => {
  expect(engines.node).toBe('>=20.20');
  expect(devDependencies['@types/node']).toMatch(/^\^20\./);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('Node 20.20 or newer');
  const decision = readFileSync(join(root, 'docs/decisions/0231-node-24-and-a-floor-of-20.md'), 'utf8');
  expect(decision).toContain('`engines` says 20.20 until 2027-01-31');
});

test('it rises in time for an SDK that takes no older one', () => {
  // From then on releases of the AWS SDK need Node 22, and security fixes with them: see decision 0231.
  const isRaised = Number(engines.node.replace('>=', '').split('.')[0]) >= 22;
  expect(isRaised || Date.now() < Date.parse('2027-01-31')).toBe(true);
});
