import { type Migration, migrate } from '../../../lambda/shared/migrations';
import { openSql } from '../../../lambda/shared/sql';
import { engines } from '../../support/engines';

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

describe.each(engines())('migrate on $name', (engine) => {
  afterAll(() => engine.stop());

  it('applies each migration once, in order, also when it is asked again', async () => {
    const sql = await engine.open('migrations');
    expect(await migrate(sql, [first])).toEqual(['0001-things']);
    expect(await migrate(sql, [first, second])).toEqual(['0002-notes']);
    expect(await migrate(sql, [first, second])).toEqual([]);
    await sql.execute('INSERT INTO things (id, amount, note) VALUES (?, ?, ?)', ['a', 1, 'x']);
    await sql.close();
  });

  it('goes on where a crash left a migration half done', async () => {
    const sql = await engine.open('migrations');
    await sql.execute(first.statements[0] as string);
    expect(await migrate(sql, [first])).toEqual(['0001-things']);
    await sql.close();
  });

  it('lets processes that start together take turns', async () => {
    const sql = await engine.open('migrations');
    const applied = await Promise.all([migrate(sql, [first, second]), migrate(sql, [first, second])]);
    expect(applied.flat()).toEqual(['0001-things', '0002-notes']);
    await sql.close();
  });

  it('stops at a statement that fails, and records nothing for its migration', async () => {
    const sql = await engine.open('migrations');
    const broken: Migration = { id: '0003-broken', statements: ['CREATE TABEL nonsense'] };
    await expect(migrate(sql, [first, broken])).rejects.toThrow();
    const again = await openSql(sql.url);
    // SQLite keeps DDL in the transaction, MySQL commits as it goes; both start again from a known place.
    expect(await migrate(again, [first])).toEqual(engine.name === 'SQLite' ? ['0001-things'] : []);
    await Promise.all([sql.close(), again.close()]);
  });
});

it('refuses migrations out of order or with the same id twice', async () => {
  const sql = await openSql('file::memory:');
  await expect(migrate(sql, [second, first])).rejects.toThrow('unique and in order');
  await expect(migrate(sql, [first, first])).rejects.toThrow('unique and in order');
  await sql.close();
});
