import { pino } from 'pino';
import { migrate } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { createUsers } from '../../../lambda/users/service';
import { countingChanges } from '../../support/changes';
import { engines } from '../../support/engines';

const NOW = Date.parse('2030-01-01T00:00:00Z');

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
