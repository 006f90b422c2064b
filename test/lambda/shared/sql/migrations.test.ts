import { createConnection } from 'mysql2/promise';
import { type Migration, migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { cleanup, closing } from '../../../support/cleanup';
import { describeServers, engines } from '../../../support/engines';
import { until } from '../../../support/until';

const first: Migration = {
  id: '0001-things',
  statements: [
    'CREATE TABLE things (id VARCHAR(40) PRIMARY KEY, amount BIGINT NOT NULL)',
    'CREATE INDEX things_by_amount ON things (amount)',
  ],
};
const second: Migration = {
  id: '0002-notes',
  statements: ['ALTER TABLE things ADD COLUMN note VARCHAR(20)'],
};
const third: Migration = {
  id: '0003-no-things',
  statements: ['DROP TABLE things', 'CREATE TABLE others (id VARCHAR(40) PRIMARY KEY)'],
};

describe.each(engines())('migrate on $name', (engine) => {
  it('applies each migration once, in order, also when it is asked again', async () => {
    const sql = await engine.open('migrations');
    expect(await migrate(sql, [first])).toEqual(['0001-things']);
    expect(await migrate(sql, [first, second])).toEqual(['0002-notes']);
    expect(await migrate(sql, [first, second])).toEqual([]);
    await sql.execute('INSERT INTO things (id, amount, note) VALUES (?, ?, ?)', ['a', 1, 'x']);
  });

  it.each([
    ['creates', [], first],
    ['drops', [first], third],
  ])('goes on where a crash left a migration that %s half done', async (_does, before, migration) => {
    const sql = await engine.open('migrations');
    await migrate(sql, before);
    await sql.execute(migration.statements[0] as string);
    expect(await migrate(sql, [...before, migration])).toEqual([migration.id]);
  });

  it('lets processes that start together take turns', async () => {
    const sql = await engine.open('migrations');
    const applied = await Promise.all([migrate(sql, [first, second]), migrate(sql, [first, second])]);
    expect(applied.flat()).toEqual(['0001-things', '0002-notes']);
  });

  it('stops at a statement that fails, and records nothing for its migration', async () => {
    const sql = await engine.open('migrations');
    const broken: Migration = { id: '0003-broken', statements: ['CREATE TABEL nonsense'] };
    await expect(migrate(sql, [first, broken])).rejects.toThrow();
    const again = closing(await openSql(sql.url));
    // SQLite keeps DDL in the transaction, MySQL commits as it goes; both start again from a known place.
    const mended: Migration = {
      id: '0003-broken',
      statements: ['CREATE TABLE sense (id BIGINT PRIMARY KEY)'],
    };
    const applied = await migrate(again, [first, mended]);
    expect(applied).toEqual(engine.name === 'SQLite' ? ['0001-things', '0003-broken'] : ['0003-broken']);
    await again.execute('INSERT INTO sense (id) VALUES (1)', []);
  });
});

it('refuses migrations out of order or with the same id twice', async () => {
  const sql = closing(await openSql('file::memory:'));
  await expect(migrate(sql, [second, first])).rejects.toThrow('unique and in order');
  await expect(migrate(sql, [first, first])).rejects.toThrow('unique and in order');
});

describeServers('a migration that waits for a long transaction', (engine) => {
  it('lets other statements on the table pass meanwhile, and goes on afterwards', async () => {
    const sql = await engine.open('migrations');
    await migrate(sql, [first]);
    const long = await createConnection(sql.url);
    cleanup(() => long.destroy());
    await long.query('START TRANSACTION');
    await long.query('SELECT * FROM things');
    let isDone = false;
    const migrating = migrate(sql, [first, second]).finally(() => {
      isDone = true;
    });
    const waits = 'SELECT COUNT(*) AS waiting FROM information_schema.processlist WHERE info LIKE ?';
    await until(async () => {
      const [row] = await sql.query<{ waiting: number }>(waits, ['ALTER TABLE things%']);
      return (row?.waiting ?? 0) > 0;
    });
    expect(await sql.query('SELECT * FROM things')).toEqual([]);
    expect(isDone).toBe(false);
    await long.query('COMMIT');
    expect(await migrating).toEqual(['0002-notes']);
  }, 60_000);
});
