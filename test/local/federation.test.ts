import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { openSql } from '../../lambda/shared/sql/open';
import { compiled } from '../../local/compiled';
import { describeWith } from '../host/support';
import { closing } from '../support/cleanup';
import { until } from '../support/until';
import { inspectTiers } from './inspect-tiers';
import { logIn } from './shop-client';
import { folder, opened, ROOT, type RunningShop, removeFolders, served, watched } from './shop-process';

describeWith('mariadbd', 'nginx')('users of npm start -- --phase 6 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  const { record } = inspectTiers(data, () => shop.out());

  beforeAll(async () => {
    shop = await opened(served(data, 6));
  }, 300_000);
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  /** `npm run federate -- --local`, as a person runs it. */
  const federate = async (command: string) => {
    const args = [...compiled('bin/federate.ts'), command, '--local', '--data', data];
    const run = watched(spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
    const code = await run.ended();
    return { code, out: (run.out() + run.err()).replaceAll('\n', ' ') };
  };
  /** The accounts on a server, as its administrator sees them. */
  const rowsAt = async (socket: 'writer' | 'users-cluster') => {
    const path = encodeURIComponent(join(record().sockets, `${socket}.sock`));
    const sql = closing(await openSql(`mysql://${userInfo().username}@localhost/users?socketPath=${path}`));
    return sql.query<{ email: string; name: string }>('SELECT email, name FROM users');
  };
  const namesAt = async (socket: 'writer' | 'users-cluster') =>
    (await rowsAt(socket)).map(({ name }) => name);
  const emailsAt = async (socket: 'writer' | 'users-cluster') =>
    (await rowsAt(socket)).map(({ email }) => email);
  let people = 0;
  const register = async () => {
    const email = `person-${++people}@example.com`;
    const response = await fetch(`${shop.url}/api/users`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, name: 'Person', password: 'welcome-person' }),
    });
    return response.ok ? email : `${response.status}: ${await response.text()}`;
  };

  it('begin beside inventory, and move while people write: nothing is lost, and nobody is logged out', async () => {
    const client = await logIn(shop.url, 'customer');
    expect(await federate('status')).toMatchObject({
      code: 0,
      out: expect.stringContaining('on the cluster that both services share'),
    });
    const answers: number[] = [];
    let moved = false;
    const writing = (async () => {
      while (!moved)
        answers.push((await client.ask('PATCH', '/api/users/me', { name: `Dana ${answers.length}` })).status);
    })();
    await until(() => answers.length > 3);
    const { code, out } = await federate('run');
    const atMove = answers.length;
    await until(() => answers.length > atMove + 3);
    moved = true;
    await writing;
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('on the cluster of the user service'),
    });
    // A connection that ends within a commit leaves the outcome unknown: 503 with Retry-After.
    const others = answers.filter((status) => status !== 200);
    expect([[], [503]]).toContainEqual(others);
    const name = `Dana ${answers.length - 1}`;
    expect(await namesAt('users-cluster')).toContain(name);
    expect(await namesAt('writer')).not.toContain(name);
    expect(await client.ask('GET', '/api/users/me')).toMatchObject({ status: 200, body: { name } });
  }, 300_000);

  it('stay there when the shop starts again, and what they left is dropped for good', async () => {
    await shop.stop();
    shop = await opened(served(data, 6));
    const email = await register();
    expect(await emailsAt('users-cluster')).toContain(email);
    expect(await federate('drop')).toMatchObject({ code: 0, out: expect.stringContaining('for good') });
    await expect(emailsAt('writer')).rejects.toThrow(/Unknown database/);
    expect(await register()).toMatch(/^person-/);
    await shop.stop();
    shop = await opened(served(data, 6));
    expect(await register()).toMatch(/^person-/);
  }, 300_000);

  it('are not left behind by an earlier phase', async () => {
    await shop.stop();
    const earlier = served(data, 5);
    expect(await earlier.ended()).not.toBe(0);
    expect(earlier.err()).toContain('npm run federate -- back --local');
    shop = await opened(served(data, 6));
  }, 300_000);
});
