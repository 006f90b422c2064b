import { pino } from 'pino';
import { migrate } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { createUsers } from '../../../lambda/users/service';
import { countingChanges } from '../../support/changes';
import { engines } from '../../support/engines';
import { MINUTE, openShop, PASSWORD } from './support';

const NOW = Date.parse('2030-01-01T00:00:00Z');

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe.each(engines())('a sweep of users on $name', (engine) => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await engine.open('users');
    await migrate(sql, usersMigrations);
  });

  test('deletes what is over a few rows at a time, and nothing else', async () => {
    for (let n = 0; n < 600; n++) {
      const time = NOW + (n < 500 ? -1 : 1);
      await sql.execute('INSERT INTO attempts (budget, whole_at) VALUES (?, ?)', [`budget ${n}`, time]);
      await sql.execute(
        `INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
         VALUES (?, 'somebody', ?, 0, 0, ?)`,
        [`session ${n}`, `hash ${n}`, time],
      );
    }
    const counting = countingChanges(sql);
    const log = pino({ level: 'silent' });
    await createUsers({ sql: counting.sql, log, clientIp: () => '', now: () => NOW }).sweep();
    expect(await sql.query('SELECT id FROM sessions')).toHaveLength(100);
    expect(await sql.query('SELECT budget FROM attempts')).toHaveLength(100);
    expect(counting.changes.reduce((sum, rows) => sum + rows)).toBe(1000);
    expect(Math.max(...counting.changes)).toBeLessThanOrEqual(128);
  });
});

test('the work beside requests is done about once a minute, and no more once it was stopped', async () => {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  const opened = await openShop(engine);
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  // Without the jitter between processes.
  jest.spyOn(Math, 'random').mockReturnValue(0.5);
  const asked: string[] = [];
  const query: Sql['query'] = (statement, values) => {
    asked.push(statement);
    return opened.sql.query(statement, values);
  };
  const stop = createUsers({
    ...{ sql: { ...opened.sql, query }, log: pino({ level: 'silent' }), clientIp: () => '' },
    onDeleted: async () => undefined,
  }).background();
  for (let second = 0; second < 300; second++) await jest.advanceTimersByTimeAsync(1000);
  const times = (table: string) => asked.filter((one) => one.includes(`FROM ${table}`)).length;
  const tables = ['sessions', 'attempts', 'deletions', 'email_claims'];
  expect(tables.map(times)).toEqual([5, 5, 5, 5]);
  await stop();
  await jest.advanceTimersByTimeAsync(300_000);
  expect(tables.map(times)).toEqual([5, 5, 5, 5]);
});

test('what happens to an account is in the log, with the account and without its e-mail', async () => {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  const onDeleted = () => Promise.reject(new Error('inventory is away'));
  const shop = await openShop(engine, { onDeleted });
  const { id, email, token } = await shop.join('told@example.com');
  await shop.users.grantStaff(email);
  await shop.logIn(email, {}, 'not the password');
  await shop.logIn('nobody@example.com');
  const ask = (method: string, path: string, body: object) =>
    shop.ask(method, `/api/users/me${path}`, { token, body });
  await ask('PUT', '/password', { current: PASSWORD, password: 'staple staple staple' });
  await ask('PUT', '/email', { email: 'other@example.com', password: 'staple staple staple' });
  await ask('DELETE', '', { password: 'staple staple staple' });
  shop.pass(MINUTE);
  await shop.users.sweep();
  expect(shop.lines.join()).not.toContain('@example.com');
  const lines = shop.lines.map((line) => JSON.parse(line));
  expect(lines.map(({ level, msg, userId }) => [level, msg, userId])).toEqual([
    ['info', 'registered', id],
    ['info', 'logged in', id],
    ['info', 'became staff', id],
    ['warn', 'log-in refused', id],
    ['warn', 'log-in refused', undefined],
    ['info', 'credentials changed', id],
    ['info', 'credentials changed', id],
    ['info', 'account deleted', id],
    ['warn', 'could not delete all data of a deleted account: will try again', id],
    ['warn', 'could not delete all data of a deleted account: will try again', id],
  ]);
  expect(lines[1].sessionId).toEqual(expect.any(String));
  expect(lines.at(-1).err.message).toBe('inventory is away');
});
