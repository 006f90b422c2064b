import { pino } from 'pino';
import { insertRows } from '../../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { createUsers } from '../../../lambda/users/service';
import { engines } from '../../support/engines';
import { costOfEach } from '../../support/examined';
import { type OpenApi, type Route, routeOf, routesOf } from '../../support/openapi';
import { cheapPasswords, DAY, PASSWORD } from './support';

const FEW = 1000;
const MANY = 200_000;

/** For a statement that finds nothing, and for each row that one finds. */
const SLACK = 80;
const PER_ROW = 8;

/** So many accounts, each with a session and a budget of log-ins, made inside the database. */
async function fill(sql: Sql, accounts: number): Promise<void> {
  await sql.execute('CREATE TABLE digits (n BIGINT PRIMARY KEY)');
  await insertRows(
    sql,
    'digits (n)',
    Array.from({ length: 1000 }, (_, n) => [n]),
  );
  const inserts = [
    `users (id, email, name, role, password_hash, created_at) SELECT ID, ID, 'One of many', 'customer', '', 0`,
    `sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at) SELECT ID, ID, ID, 0, 0, ${Date.now() + DAY}`,
    `attempts (budget, whole_at) SELECT ID, ${Date.now() + DAY}`,
    `deletions (user_id, due_at) SELECT ID, ${Date.now() + DAY}`,
  ];
  for (let n = 0; n < accounts / 1000; n++) {
    // Ends with the number in words that every engine has: no two are alike.
    const id = `(10000000 + ${n} * 1000 + digits.n)`;
    for (const insert of inserts)
      await sql.execute(`INSERT INTO ${insert.replaceAll('ID', id)} FROM digits ORDER BY n`);
  }
  await sql.execute('DROP TABLE digits');
}

/** Asks every operation once, and does the work beside requests. Returns the operations that were not asked. */
async function askEverything(sql: Sql): Promise<string[]> {
  let now = Date.now();
  const users = createUsers({
    sql,
    log: pino({ level: 'silent' }),
    passwords: cheapPasswords(),
    clientIp: () => '192.0.2.1',
    onDeleted: async () => undefined,
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
  await users.sweep();
  await users.ready();
  return routes.filter((route) => !asked.has(route)).map(({ method, path }) => `${method} ${path}`);
}

describe.each(engines())('with 200,000 accounts on $name', (engine) => {
  let few: Sql;
  let many: Sql;
  const filled = async (accounts: number) => {
    const { url, ...sql } = await engine.open('accounts');
    await migrate(sql, usersMigrations);
    const maintenance = await openSql(url, { use: 'maintenance' });
    await fill(maintenance, accounts);
    await maintenance.close();
    return sql;
  };
  beforeAll(async () => {
    [few, many] = [await filled(FEW), await filled(MANY)];
  }, 600_000);

  test('every statement of the API and of the work beside it reads about as much as with 1,000', async () => {
    const left: unknown[] = [];
    const costs = (sql: Sql) =>
      costOfEach(engine.name, sql, async (recorded) => left.push(...(await askEverything(recorded))));
    const [small, large] = [await costs(few), await costs(many)];
    expect(left).toEqual([]);
    expect([...large.keys()].sort()).toEqual([...small.keys()].sort());
    expect(large.size).toBeGreaterThan(20);
    const wasteful = [...large].filter(([, { rows, examined }]) => examined > SLACK + PER_ROW * rows);
    const growing = [...large].filter(
      ([statement, { examined }]) => examined > 2 * (small.get(statement)?.examined ?? 0) + SLACK,
    );
    expect({ wasteful, growing }).toEqual({ wasteful: [], growing: [] });
  });
});
