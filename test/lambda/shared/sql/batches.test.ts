import { inBatches } from '../../../../lambda/shared/sql/batches';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { countingChanges } from '../../../support/changes';
import { engines } from '../../../support/engines';

describe.each(engines())('a change in batches on $name', (engine) => {
  let sql: Sql;
  let changes: number[];
  beforeAll(async () => {
    const opened = await engine.open('batches');
    await opened.execute('CREATE TABLE things (id VARCHAR(40) PRIMARY KEY, owner VARCHAR(40), due BIGINT)');
    await opened.execute('CREATE INDEX things_by_owner ON things (owner)');
    await opened.execute('CREATE INDEX things_by_due ON things (due)');
    ({ sql, changes } = countingChanges(opened));
  });
  beforeEach(async () => {
    await sql.execute('DELETE FROM things');
    const rows = Array.from({ length: 1000 }, (_, n) => `('t${n}', '${n % 4 ? 'me' : 'you'}', ${n})`);
    await sql.execute(`INSERT INTO things (id, owner, due) VALUES ${rows.join(', ')}`);
    changes.length = 0;
  });

  const count = async (where: string) =>
    (await sql.query<{ n: number }>(`SELECT COUNT(*) AS n FROM things WHERE ${where}`))[0]?.n;
  const due = { table: 'things', key: 'id', where: 'due < ?', values: [700], index: 'things_by_due' };
  const mine = { table: 'things', key: 'id', where: 'owner = ?', values: ['me'], index: 'things_by_owner' };

  test('deletes all that is meant and nothing else, at most 128 rows with each statement', async () => {
    await inBatches(sql, 'DELETE FROM things', due);
    expect([await count('due < 700'), await count('due >= 700')]).toEqual([0, 300]);
    expect(changes).toEqual([128, 128, 128, 128, 128, 60]);
  });

  test('updates all rows of an owner, at most 128 with each statement', async () => {
    await inBatches(sql, 'UPDATE things SET owner = NULL', mine);
    expect([await count('owner IS NULL'), await count("owner = 'you'")]).toEqual([750, 250]);
    expect(Math.max(...changes)).toBe(128);
  });

  test('is done once by several at a time', async () => {
    await Promise.all([1, 2, 3].map(() => inBatches(sql, 'DELETE FROM things', due)));
    expect(await count('1 = 1')).toBe(300);
    expect(changes.reduce((sum, rows) => sum + rows)).toBe(700);
  });

  test('leaves alone what has changed since it was found, and is not meant any more', async () => {
    const kept: string[] = [];
    const query: Sql['query'] = async (statement, values) => {
      const found = await sql.query<{ id: string }>(statement, values);
      // As an attempt that is charged while the sweep of old ones runs.
      const [first] = found;
      if (first) kept.push(first.id);
      await sql.execute('UPDATE things SET due = 900 WHERE id = ?', [first?.id ?? '']);
      return found as never;
    };
    await inBatches({ ...sql, query }, 'DELETE FROM things', due);
    expect(kept).toHaveLength(6);
    expect([await count('due < 700'), await count('due = 900')]).toEqual([0, 1 + kept.length]);
  });

  test('runs no change where there is nothing to change', async () => {
    await inBatches(sql, 'DELETE FROM things', { ...due, values: [0] });
    expect(changes).toEqual([]);
  });
});
