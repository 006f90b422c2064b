import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { type Migration, migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import { usersMigrations } from '../../../lambda/users/migrations';
import { cleanup } from '../../support/cleanup';
import { hasMariaDb } from '../../support/mariadb';
import { type ReplicatedServers, startReplicated } from '../../support/replicas';
import { hasValkey, startValkey, type ValkeyServer } from '../../support/valkey';
import { cookiesOf, PASSWORD } from '../users/support';
import { ask, startProcess } from './processes';

jest.setTimeout(180_000);

const TRIES = 50;

/** Late, but not so late that it is left out. */
const LATE_SECONDS = 1;

(hasMariaDb() ? describe : describe.skip)('read processes with a replica that is late', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-replicas-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  let servers: ReplicatedServers;
  let valkey: ValkeyServer | undefined;
  let writer: string;
  let reader: string;

  beforeAll(async () => {
    [servers, valkey] = await Promise.all([startReplicated(1), hasValkey() ? startValkey() : undefined]);
    const [started, cache] = [servers, valkey];
    // Ended after the processes that use them.
    cleanup(() => Promise.all([started.stop(), cache?.stop()]));
    const { primary, replicas, url } = servers;
    const [replica] = replicas;
    if (!replica) throw new Error('There is a replica');
    const admin = await openSql(url(primary, 'mysql'));
    for (const [schema, migrations] of [
      ['users', usersMigrations],
      ['inventory', inventoryMigrations],
    ] as const) {
      await admin.execute(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await upToDate(url(primary, schema), migrations);
    }
    await admin.close();
    const common = {
      [SETTING.usersDatabase]: url(primary, 'users'),
      [SETTING.inventoryDatabase]: url(primary, 'inventory'),
      [SETTING.media]: `file:${folder}/media`,
      ...(valkey && { [SETTING.cache]: valkey.url }),
    };
    writer = await startProcess({ ...common, [SETTING.shopRole]: 'write' });
    // One that is not there is left out.
    const urlsOf = (schema: string) => `${url(replica, schema)} mysql://root@localhost/x?socketPath=/nowhere`;
    reader = await startProcess({
      ...{ ...common, [SETTING.shopRole]: 'read', [SETTING.writeUrl]: writer },
      [SETTING.usersReaders]: urlsOf('users'),
      [SETTING.inventoryReaders]: urlsOf('inventory'),
    });
    await replica.follow(LATE_SECONDS);
  });
  let people = 0;
  async function joined() {
    const account = { email: `person-${people++}@example.com`, password: PASSWORD, name: 'Ada' };
    expect((await ask(writer, 'POST', '/api/users', {}, account)).status).toBe(201);
    const { email, password } = account;
    return ask(writer, 'POST', '/api/sessions', {}, { email, password });
  }
  const rename = async (headers: Record<string, string>, name: string) => {
    const answer = await ask(writer, 'PATCH', '/api/users/me', headers, { name });
    expect(answer.status).toBe(200);
    return cookiesOf(answer.headers);
  };
  const nameSeen = async (headers: Record<string, string>) =>
    (await ask(reader, 'GET', '/api/users/me', headers)).body.name;

  test('know a session at once that has just begun, and show it what it wrote, each time', async () => {
    const cookie = cookiesOf((await joined()).headers);
    expect((await ask(reader, 'GET', '/api/users/me', { cookie })).status).toBe(200);
    const session = cookie.split('; ').find((part) => part.startsWith('session=')) ?? '';
    let late = 0;
    for (let n = 0; n < TRIES; n++) {
      const wrote = await rename({ cookie: session }, `Ada ${n}`);
      expect(await nameSeen({ cookie: `${session}; ${wrote}` })).toBe(`Ada ${n}`);
      // Another window, say, without what shows that it wrote.
      if ((await nameSeen({ cookie: session }).catch(() => '')) !== `Ada ${n}`) late += 1;
    }
    expect(late).toBeGreaterThan(0);
  });

  test('show a program with a bearer token what it wrote, though it keeps no cookies', async () => {
    const { token } = (await joined()).body;
    const headers = { authorization: `Bearer ${token}` };
    for (let n = 0; n < TRIES; n++) {
      await rename(headers, `Program ${n}`);
      expect(await nameSeen(headers)).toBe(`Program ${n}`);
    }
  });

  test('do not go on with a session that ended, where there is a cache', async () => {
    if (!valkey) return;
    const cookie = cookiesOf((await joined()).headers);
    const session = cookie.split('; ').find((part) => part.startsWith('session=')) ?? '';
    while ((await ask(reader, 'GET', '/api/users/me', { cookie: session })).status !== 200);
    expect((await ask(writer, 'DELETE', '/api/sessions/current', { cookie: session })).status).toBe(204);
    for (let n = 0; n < TRIES; n++) {
      expect((await ask(reader, 'GET', '/api/users/me', { cookie: session })).status).toBe(401);
    }
  });
});

async function upToDate(url: string, migrations: readonly Migration[]): Promise<void> {
  const sql = await openSql(url);
  await migrate(sql, migrations).finally(() => sql.close());
}
