import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { compiled } from '../../local/compiled';
import { type Account, healthyAccount, startAccount } from '../operate/aws-account';

let account: Account;
beforeAll(async () => {
  await startAccount(() => account);
});

async function run(command: 'preflight' | 'doctor' | 'unattended', ...args: string[]) {
  const child = spawn(process.execPath, [...compiled(`bin/${command}.ts`), ...args], {
    cwd: join(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code };
}

test('preflight prints a table of 80 columns, and ends with 1 if something has to be mended', async () => {
  account = healthyAccount(2);
  account.quotas['L-1216C47A'] = 5;
  const { out, code } = await run('preflight', '-c', 'phase=3');
  expect(out).toContain('Shop, phase 3 (Users++), us-east-1');
  expect(out).toMatch(/^MEND {4}vCPUs of hosts/m);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(out).toContain('Nothing in the account was changed.');
  expect(code).toBe(1);
});

test('with --json, programs get the same', async () => {
  account = healthyAccount(2);
  const { out, code } = await run('preflight', '-c', 'phase=3', '--json');
  expect(JSON.parse(out)).toMatchObject({ shop: 'Shop', region: 'us-east-1', phase: 3, exitCode: 0 });
  expect(code).toBe(0);
});

test('doctor finds a shop without an address', async () => {
  account = healthyAccount(5);
  const { out, code } = await run('doctor', '-c', 'phase=5');
  expect(out).toMatch(/^MEND {4}name and certificate/m);
  expect(code).toBe(1);
});

test('wrong options say so, and end with 2', async () => {
  account = healthyAccount(2);
  expect(await run('preflight', '-c', 'phase=9')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/phase: "9" was given[\s\S]*npm run preflight/),
  });
  expect((await run('doctor', '--fast')).code).toBe(2);
});

test('the pipeline is told to stop before a step that closes a way back', async () => {
  account = healthyAccount(4);
  expect(await run('unattended', '-c', 'phase=4')).toMatchObject({ code: 0 });
  expect(await run('unattended', '-c', 'phase=5')).toMatchObject({
    code: 1,
    err: expect.stringContaining('closes a way back'),
  });
});
