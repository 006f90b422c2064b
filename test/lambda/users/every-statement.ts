import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { insertRows } from '../../../lambda/shared/sql/bulk-sql';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createMemoryTable } from '../../../lambda/shared/tables/memory-table';
import { createUsers } from '../../../lambda/users/service';
import {
  changeState,
  expectBucket,
  isReadable,
  lockedState,
} from '../../../lambda/users/sharding/bucket-fence';
import { createDirectory, deleteOldClaims, useClaim } from '../../../lambda/users/sharding/directory';
import { DIRECTORY_TABLE } from '../../../lambda/users/sharding/shard-map';
import { type OpenApi, type Route, routeOf, routesOf } from '../../support/openapi';
import { cheapPasswords, DAY, PASSWORD } from './support';

/** So many accounts, each with a session and a budget of log-ins, made inside the database. */
export async function createAccounts(sql: Sql, accounts: number): Promise<void> {
  const together = Math.min(accounts, 10_000);
  await sql.execute('CREATE TABLE digits (n BIGINT PRIMARY KEY)');
  await insertRows(
    sql,
    'digits (n)',
    Array.from({ length: together }, (_, n) => [n]),
  );
  const inserts = [
    `users (id, email, name, role, password_hash, created_at) SELECT ID, ID, 'One of many', 'customer', '', 0`,
    `sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at) SELECT ID, ID, ID, 0, 0, ${Date.now() + DAY}`,
    `attempts (budget, whole_at) SELECT ID, ${Date.now() + DAY}`,
    `deletions (user_id, due_at) SELECT ID, ${Date.now() + DAY}`,
  ];
  for (let n = 0; n < accounts / together; n++) {
    // Ends with the number in words that every engine has: no two are alike.
    const id = `(10000000 + ${n} * ${together} + digits.n)`;
    for (const insert of inserts)
      await sql.execute(`INSERT INTO ${insert.replaceAll('ID', id)} FROM digits ORDER BY n`);
  }
  await sql.execute('DROP TABLE digits');
}

/**
 * Asks every operation once, and does the work beside requests and that of a shard. Returns the operations that were not
 * asked.
 */
export async function askEverything(sql: Sql): Promise<string[]> {
  let now = Date.now();
  let answers = false;
  const users = createUsers({
    sql,
    log: pino({ level: 'silent' }),
    passwords: cheapPasswords(),
    clientIp: () => '192.0.2.1',
    onDeleted: async () => {
      if (!answers) throw new Error('Inventory does not answer');
    },
    now: () => now,
  });
  const request = (method: string, path: string, body?: unknown, token?: string) =>
    users.app.request(path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const routes = routesOf((await (await request('GET', '/api/users/openapi.json')).json()) as OpenApi);
  const asked = new Set<Route | undefined>();
  const ask = async (method: string, path: string, body?: unknown, token?: string) => {
    const answer = await request(method, path, body, token);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    asked.add(routeOf(routes, method, path));
    return answer.status === 204 ? {} : ((await answer.json()) as { id: string; token: string });
  };
  const logIn = async (email: string, password = PASSWORD) => {
    const { token } = (await ask('POST', '/api/sessions', { email, password })) as { token: string };
    return token;
  };

  await ask('POST', '/api/users', { email: 'ada@example.com', password: PASSWORD, name: 'Ada' });
  await request('POST', '/api/sessions', { email: 'ada@example.com', password: 'not the right one' });
  const token = await logIn('ada@example.com');
  now += 2 * 60 * 60_000;
  await ask('GET', '/api/users/me', undefined, token);
  await ask('POST', '/api/sessions/current/seen', undefined, token);
  await ask('PATCH', '/api/users/me', { name: 'Ada L' }, token);
  await ask('PUT', '/api/users/me/email', { email: 'l@example.com', password: PASSWORD }, token);
  // The change of the e-mail ended all others.
  await logIn('l@example.com');
  const list = (await ask('GET', '/api/sessions', undefined, token)) as unknown as {
    items: { id: string; current: boolean }[];
  };
  const other = list.items.find(({ current }) => !current);
  if (other) await ask('DELETE', `/api/sessions/${other.id}`, undefined, token);
  const changed = { current: PASSWORD, password: 'staple staple staple' };
  await ask('PUT', '/api/users/me/password', changed, token);
  await ask('DELETE', '/api/sessions/current', undefined, await logIn('l@example.com', changed.password));
  await users.grantStaff('l@example.com');
  const link = (await ask('POST', '/api/users/password-links', { email: 'l@example.com' }, token)) as {
    token: string;
  };
  await ask('PUT', '/api/users/password', { token: link.token, password: PASSWORD });
  const owner = await logIn('l@example.com');
  await ask('DELETE', '/api/users/me', { password: PASSWORD }, owner);
  await users.names(['nobody', 'somebody']);
  now += 10 * 60_000;
  await users.sweep();
  answers = true;
  now += 10 * 60_000;
  await users.sweep();
  await users.ready();
  await askShard(sql, now);
  return routes.filter((route) => !asked.has(route)).map(({ method, path }) => `${method} ${path}`);
}

/** The other statements that requests and the mover send to a shard. */
async function askShard(sql: Sql, now: number): Promise<void> {
  const owner = randomUUID();
  await expectBucket(sql, 1, owner);
  await expectBucket(sql, 1, owner);
  await changeState(sql, 1, { from: ['arriving'], to: 'here', owner, owned: true });
  await changeState(sql, 1, { from: ['here'], owner });
  await isReadable(sql, 1);
  await lockedState(sql, 1);
  await useClaim(sql, randomUUID(), owner, now);
  await deleteOldClaims(sql, now + 2 * DAY);
  const at = { table: createMemoryTable(DIRECTORY_TABLE), at: () => sql };
  await createDirectory({ ...at, now: () => now }).claim('claimed@example.com', owner);
  // Found void a while later.
  await createDirectory({ ...at, now: () => now + DAY }).claim('claimed@example.com', randomUUID());
}
