import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { openSql } from '../../lambda/shared/sql/open';
import { compiled } from '../../local/compiled';
import { describeWith } from '../host/support';
import { closing } from '../support/cleanup';
import { inspectTiers } from './inspect-tiers';
import { logIn } from './shop-client';
import { folder, opened, ROOT, type RunningShop, removeFolders, served, watched } from './shop-process';

describeWith('mariadbd', 'nginx')('shards of npm start -- --phase 6 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  const { record } = inspectTiers(data, () => shop.out());

  beforeAll(async () => {
    shop = await opened(served(data, 6));
  }, 300_000);
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  /** A command as a person runs it. */
  const run = async (program: string, ...words: string[]) => {
    const args = [...compiled(`bin/${program}`), ...words, '--local', '--data', data];
    const child = watched(spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
    const code = await child.ended();
    const out = child.out() + child.err();
    return { code, out };
  };
  const accountsOn = async (server: string) => {
    const path = encodeURIComponent(join(record().sockets, `${server}.sock`));
    const sql = closing(await openSql(`mysql://${userInfo().username}@localhost/users?socketPath=${path}`));
    return (await sql.query('SELECT id FROM users')).length;
  };
  const register = async (email: string) => {
    const response = await fetch(`${shop.url}/api/users`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, name: 'Person', password: 'welcome-person' }),
    });
    return response.status;
  };

  it('are two once the users have moved, and everybody is found on either one', async () => {
    expect((await run('shards.ts', 'add', 'users-1')).out).toContain('npm run federate -- run');
    expect(await run('federate.ts', 'run')).toMatchObject({ code: 0 });
    const customer = await logIn(shop.url, 'customer');
    for (const name of ['users-1', 'users-2'])
      expect(await run('shards.ts', 'add', name)).toMatchObject({ code: 0 });
    expect(await run('shards.ts', 'balance')).toMatchObject({
      code: 0,
      out: expect.stringContaining('512 of 512  100 %'),
    });
    for (let n = 0; n < 8; n++) expect(await register(`sharded-${n}@example.com`)).toBe(201);
    expect(await register('sharded-3@example.com')).toBe(409);
    const counts = [await accountsOn('users-cluster'), await accountsOn('users-shard-2')];
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(await customer.ask('GET', '/api/users/me')).toMatchObject({ status: 200 });
    for (const role of ['customer', 'staff'] as const)
      expect((await logIn(shop.url, role)).token).toBeTruthy();
    expect((await run('shards.ts', 'skew')).out).toMatch(/users-2 +\d+ accounts/);
  }, 600_000);
});
