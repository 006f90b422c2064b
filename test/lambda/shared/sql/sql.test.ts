import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { heartbeatMigrations, lastBeat, startHeartbeat } from '../../../../lambda/shared/sql/heartbeat';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { replicatedSql } from '../../../../lambda/shared/sql/replicated';
import {
  DatabaseUnavailableError,
  limit,
  PREPARED_STATEMENTS,
  type Sql,
} from '../../../../lambda/shared/sql/sql';
import { again, patientSql } from '../../../support/again';
import { closing } from '../../../support/cleanup';
import { type Engine, engines } from '../../../support/engines';

/** Each schema as its own replica, which is never late. */
const replicated = (engine: Engine): Engine => ({
  ...engine,
  open: async (schema) => {
    const primary = await engine.open(schema);
    await migrate(primary, heartbeatMigrations);
    const log = createLog({ write: () => undefined });
    const stop = startHeartbeat(primary, log);
    while ((await lastBeat(primary)) === undefined) await sleep(10);
    const replicas = [{ name: 'itself', sql: await openSql(primary.url, { use: 'replica' }) }];
    const sql = replicatedSql({ primary, replicas, log });
    await sql.ready;
    const close = async () => {
      await stop();
      await sql.close();
    };
    return { ...sql, close, url: primary.url };
  },
});

const kinds = engines().flatMap((engine) => [
  { kind: engine.name, engine },
  { kind: `${engine.name} with a replica`, engine: replicated(engine) },
]);

describe.each(kinds)('Sql on $kind', ({ engine }) => {
  let sql: Sql & { url: string };
  beforeAll(async () => {
    sql = patientSql(await engine.open('contract'));
    await sql.execute(
      'CREATE TABLE things (id VARCHAR(40) PRIMARY KEY, amount BIGINT NOT NULL, note VARCHAR(200))',
    );
  });
  beforeEach(() => sql.execute('DELETE FROM things'));

  const put = (id: string, amount = 0) =>
    sql.execute('INSERT INTO things (id, amount) VALUES (?, ?)', [id, amount]);
  const amount = async (id: string) =>
    (await sql.query<{ amount: number }>('SELECT amount FROM things WHERE id = ?', [id]))[0]?.amount;

  it('gives back what was stored: text of every script, numbers to 2^53 and null', async () => {
    const values = ['ü–😀', Number.MAX_SAFE_INTEGER, null];
    await sql.execute('INSERT INTO things (id, amount, note) VALUES (?, ?, ?)', values);
    expect(await sql.query('SELECT id, amount, note FROM things')).toEqual([
      { id: 'ü–😀', amount: Number.MAX_SAFE_INTEGER, note: null },
    ]);
  });

  it('distinguishes text by case and by accent', async () => {
    await put('a');
    await put('A');
    await put('ä');
    expect(await sql.query('SELECT id FROM things WHERE id = ?', ['A'])).toHaveLength(1);
  });

  it('counts the rows a change matched, also when their values stay the same', async () => {
    await put('a', 1);
    await put('b', 1);
    expect(await sql.execute('UPDATE things SET amount = 1')).toBe(2);
    expect(await sql.execute('UPDATE things SET amount = 2 WHERE id = ?', ['nobody'])).toBe(0);
  });

  it('sums as numbers', async () => {
    await put('a', 2);
    await put('b', 3);
    expect(await sql.query('SELECT SUM(amount) AS total, COUNT(*) AS n FROM things')).toEqual([
      { total: 5, n: 2 },
    ]);
  });

  it('names a taken key', async () => {
    await put('a');
    await expect(put('a')).rejects.toThrow(expect.objectContaining({ name: 'DuplicateKeyError' }));
  });

  it('names what exists already', async () => {
    const twice = [
      'CREATE TABLE things (id VARCHAR(40) PRIMARY KEY)',
      'ALTER TABLE things ADD COLUMN note VARCHAR(10)',
      'CREATE INDEX things_by_amount ON things (amount)',
    ];
    await sql.execute(twice[2] as string).catch(() => undefined);
    for (const statement of twice) {
      await expect(sql.execute(statement)).rejects.toThrow(
        expect.objectContaining({ name: 'AlreadyExistsError' }),
      );
    }
  });

  it('names what a DROP misses, and not what other statements do', async () => {
    for (const statement of ['DROP TABLE nobody', 'ALTER TABLE things DROP COLUMN nobody']) {
      await expect(sql.execute(statement)).rejects.toThrow(
        expect.objectContaining({ name: 'AlreadyDroppedError' }),
      );
    }
    for (const statement of ['DELETE FROM nobody', 'UPDATE things SET nobody = 1']) {
      await expect(sql.execute(statement)).rejects.not.toThrow(
        expect.objectContaining({ name: 'AlreadyDroppedError' }),
      );
    }
  });

  it('stores all of a transaction or, when its work throws, nothing', async () => {
    await expect(
      sql.transaction(async (tx) => {
        await tx.execute('INSERT INTO things (id, amount) VALUES (?, ?)', ['a', 1]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await amount('a')).toBeUndefined();
    await sql.transaction((tx) => tx.execute('INSERT INTO things (id, amount) VALUES (?, ?)', ['a', 1]));
    expect(await amount('a')).toBe(1);
  });

  it('hides uncommitted writes of a transaction from all others', async () => {
    await sql.transaction(async (tx) => {
      await tx.execute('INSERT INTO things (id, amount) VALUES (?, ?)', ['a', 1]);
      expect(await amount('a')).toBeUndefined();
      expect(await tx.query('SELECT id FROM things')).toHaveLength(1);
    });
  });

  it('loses no update among 100 transactions at once on the same rows, touched in either order', async () => {
    await put('a');
    await put('b');
    const add = (first: string, second: string) => {
      const both = () =>
        sql.transaction(async (tx) => {
          for (const id of [first, second]) {
            await tx.execute('UPDATE things SET amount = amount + 1 WHERE id = ?', [id]);
          }
        });
      // A busy machine holds locks for long: a caller that lost too many deadlocks comes again.
      return again(both, DatabaseUnavailableError);
    };
    await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? add('a', 'b') : add('b', 'a'))));
    expect([await amount('a'), await amount('b')]).toEqual([100, 100]);
  });

  it('sells a last item once, however many ask at once, by the affected-row count', async () => {
    await put('last', 1);
    const buy = () =>
      sql.execute('UPDATE things SET amount = amount - 1 WHERE id = ? AND amount >= 1', ['last']);
    const sold = await Promise.all(Array.from({ length: 50 }, buy));
    expect(sold.filter((rows) => rows === 1)).toHaveLength(1);
    expect(await amount('last')).toBe(0);
  });

  it('lets one process at a time work under a name', async () => {
    const other = closing(await openSql(sql.url));
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    // SQLite's write lock is waited for by blocking, so two connections of one process would wait for each other.
    const second = engine.name === 'SQLite' ? sql : other;
    await Promise.all([sql.exclusively('work', work), second.exclusively('work', work)]);
  });

  it('answers more kinds of statements than it keeps prepared, and the first of them again', async () => {
    const kinds = Array.from({ length: PREPARED_STATEMENTS + 50 }, (_, n) => n);
    for (const n of [...kinds, 0]) expect(await sql.query(`SELECT ${n} AS n`)).toEqual([{ n }]);
  });

  it.each(['query', 'execute'] as const)(
    'lets others have their turn between many calls of %s',
    async (call) => {
      let turns = 0;
      const count = () => {
        if (++turns < 2) setImmediate(count);
      };
      setImmediate(count);
      const statement = { query: 'SELECT id FROM things', execute: 'DELETE FROM things' }[call];
      for (let calls = 0; turns < 2 && calls < 100_000; calls++) await sql[call](statement);
      expect(turns).toBe(2);
    },
  );

  it('inlines a LIMIT', async () => {
    await put('a');
    await put('b');
    expect(await sql.query(`SELECT id FROM things ORDER BY id ${limit(1)}`)).toEqual([{ id: 'a' }]);
  });
});

it.each([0, -1, 1.5, 1001, Number.NaN, '1; DROP TABLE things' as unknown as number])(
  'refuses %p as a LIMIT',
  (rows) => expect(() => limit(rows)).toThrow(RangeError),
);

it('refuses a database URL of another kind, without repeating its password', async () => {
  await expect(openSql('postgres://me:secret@host/db')).rejects.toThrow('mysql:// or file:');
  await expect(openSql('postgres://me:secret@host/db')).rejects.not.toThrow('secret');
});
