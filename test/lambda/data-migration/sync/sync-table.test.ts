import fc from 'fast-check';
import { compareTable } from '../../../../lambda/data-migration/sync/compare';
import { pairsOf } from '../../../../lambda/data-migration/sync/endpoints';
import {
  bothSums,
  type Pair,
  type SyncOptions,
  same,
  syncTable,
} from '../../../../lambda/data-migration/sync/sync-table';
import { SchemasDifferError, UnsupportedTableError } from '../../../../lambda/data-migration/sync/tables';
import type { Sql, SqlValue } from '../../../../lambda/shared/sql/sql';
import { runs } from '../../../support/rounds';
import { contents, describeMoves, type Servers, startServers } from '../migration-servers';

const TABLE = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';
const TABLES = ['things', 'pairs'];

const SCHEMA = [
  `CREATE TABLE things (
    id BIGINT PRIMARY KEY, code VARCHAR(60), note TEXT, size BIGINT UNSIGNED NOT NULL, UNIQUE KEY things_code (code)
  ) ${TABLE}`,
  `CREATE TABLE pairs (
    a VARCHAR(60) NOT NULL, b BIGINT NOT NULL, v VARCHAR(60), PRIMARY KEY (a, b), UNIQUE KEY pairs_v (v, b)
  ) ${TABLE}`,
];

const never = new AbortController().signal;
const small: SyncOptions = { chunkRows: 3, onChunk: async () => undefined };

describeMoves('carrying a table', (engine) => {
  let servers: Servers;
  let box: Sql;
  let managed: Sql;
  let pairs: Pair[];

  beforeAll(async () => {
    servers = await startServers(engine);
    ({ box, managed } = await servers.schema('things', (sql) => run(sql, SCHEMA)));
    pairs = (await pairsOf({ shop: box }, { shop: managed })).map(({ pair }) => pair);
  });

  beforeEach(() => empty());

  const empty = async () => {
    for (const sql of [box, managed])
      await run(
        sql,
        TABLES.map((table) => `DELETE FROM ${table}`),
      );
  };

  const carryAll = async () => {
    let changed = 0;
    for (const pair of pairs) changed += await syncTable(pair, never, small);
    return changed;
  };

  const expectSame = async () => {
    expect(await contents(managed)).toEqual(await contents(box));
    for (const pair of pairs) {
      const [ours, theirs] = await bothSums(pair);
      expect(same(ours, theirs)).toBe(true);
    }
  };

  test('brings every kind of value over exactly', async () => {
    const rows: SqlValue[][] = [
      ['-9223372036854775808', '', '', '0'],
      ['-1', null, null, '18446744073709551615'],
      ['9007199254740993', 'Äpfel 🍎 e\u0301', 'it\'s \\ "quoted" \n\t\u0000\u001a %_', '9007199254740993'],
      ['9223372036854775807', 'NULL', '-', '1'],
    ];
    for (const row of rows) await box.execute('INSERT INTO things VALUES (?, ?, ?, ?)', row);
    expect(await carryAll()).toBe(rows.length);
    const text =
      'SELECT CAST(id AS CHAR) AS id, code, note, CAST(size AS CHAR) AS size FROM things ORDER BY things.id';
    const [ours, theirs] = await Promise.all([box.query(text), managed.query(text)]);
    expect(theirs).toEqual(ours);
    expect(Object.values(theirs[2] as object)).toEqual(rows[2]);
  });

  // Each alone: of a part that differs, every row is looked at.
  test.each([
    ['with a comma', "'a,b', 'c'", "'a', 'b,c'"],
    ['with a length', "'a,1:b', 'c'", "'a', '1:b,1:c'"],
    ['NULL and a dash', "NULL, '-'", "'-', NULL"],
    ['NULL and nothing', "'', NULL", "NULL, ''"],
  ])('distinguishes rows whose concatenated values are equal: %s', async (_, ours, theirs) => {
    await box.execute(`INSERT INTO things VALUES (1, ${ours}, 7)`);
    await managed.execute(`INSERT INTO things VALUES (1, ${theirs}, 7)`);
    expect(await carryAll()).toBe(1);
    await expectSame();
  });

  test('tells a value from the same one in the column beside it, which is NULL', async () => {
    const { box: from, managed: to } = await servers.schema('nulls', (sql) =>
      run(sql, [
        `CREATE TABLE twins (id BIGINT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9), m BIGINT, n BIGINT) ${TABLE}`,
      ]),
    );
    await from.execute("INSERT INTO twins VALUES (1, 'x', NULL, 7, 7), (2, 'x', 'x', 7, NULL)");
    await to.execute("INSERT INTO twins VALUES (1, NULL, 'x', 7, 7), (2, 'x', 'x', NULL, 7)");
    const [twins] = await pairsOf({ shop: from }, { shop: to });
    expect(await syncTable(twins?.pair as Pair, never, small)).toBe(2);
    expect(await contents(to)).toEqual(await contents(from));
  });

  test('does nothing where nothing differs', async () => {
    await fill(box, 20);
    expect(await carryAll()).toBe(20);
    expect(await carryAll()).toBe(0);
  });

  test('takes back what was deleted since, and what never belonged there, however much', async () => {
    await fill(box, 10);
    await carryAll();
    await box.execute('DELETE FROM things WHERE id IN (1, 5, 10)');
    await managed.execute("INSERT INTO things VALUES (0, 'garbage', NULL, 1), (-5, 'more', 'x', 2)");
    for (let id = 100; id < 160; id++)
      await managed.execute('INSERT INTO things VALUES (?, ?, NULL, 0)', [id, `g${id}`]);
    expect(await carryAll()).toBe(65);
    await expectSame();
  });

  test('empties what is empty on the side that is right', async () => {
    await fill(managed, 50);
    await carryAll();
    await expectSame();
  });

  test('follows unique values that moved between rows, near and far, in one pass', async () => {
    await fill(box, 30);
    await carryAll();
    const swap = async (one: number, other: number) => {
      await box.execute("UPDATE things SET code = 'held for a moment' WHERE id = ?", [one]);
      await box.execute('UPDATE things SET code = ? WHERE id = ?', [`code ${one}`, other]);
      await box.execute('UPDATE things SET code = ? WHERE id = ?', [`code ${other}`, one]);
    };
    await swap(1, 2);
    await swap(3, 30);
    await box.execute("UPDATE things SET code = 'code x' WHERE id = 9");
    await box.execute("UPDATE things SET code = 'code 9' WHERE id = 8");
    await carryAll();
    await expectSame();
  });

  test('frees a unique value that garbage holds, ahead and behind', async () => {
    await fill(box, 12);
    await managed.execute("INSERT INTO things VALUES (-7, 'code 11', NULL, 0), (900, 'code 1', NULL, 0)");
    await carryAll();
    await expectSame();
  });

  test('compares without changing anything, and names what differs', async () => {
    await fill(box, 10);
    await carryAll();
    await managed.execute('UPDATE things SET size = size + 1 WHERE id = 4');
    await managed.execute('DELETE FROM things WHERE id = 7');
    const before = await contents(managed);
    const things = pairs.find(({ table }) => table.name === 'things') as Pair;
    const compared = await compareTable(things, small, async () => undefined);
    expect(compared).toEqual({ rows: 10, otherRows: 9, different: 2, inMotion: 0, examples: ['4', '7'] });
    expect(await contents(managed)).toEqual(before);
  });

  test('says of rows that change while it looks that they are in motion', async () => {
    await fill(box, 10);
    await carryAll();
    await managed.execute('UPDATE things SET size = 77 WHERE id IN (2, 4)');
    const things = pairs.find(({ table }) => table.name === 'things') as Pair;
    const compared = await compareTable(things, small, async () => {
      await box.execute('UPDATE things SET size = 78 WHERE id = 2');
    });
    expect(compared).toMatchObject({ different: 1, inMotion: 1, examples: ['4'] });
  });

  test('stores nothing more once the signal came', async () => {
    await fill(box, 10);
    const stop = new AbortController();
    const onChunk = async () => stop.abort(new Error('enough'));
    const things = pairs.find(({ table }) => table.name === 'things') as Pair;
    await expect(syncTable(things, stop.signal, { chunkRows: 3, onChunk })).rejects.toThrow('enough');
    expect((await managed.query('SELECT id FROM things')).length).toBe(3);
  });

  test('does not commit a chunk that was being written when the signal came', async () => {
    await fill(box, 2);
    const stop = new AbortController();
    const interrupted: Sql = {
      ...managed,
      transaction: (work) =>
        managed.transaction((tx) =>
          work({
            ...tx,
            execute: async (...given) => {
              const changed = await tx.execute(...given);
              stop.abort(new Error('too late'));
              return changed;
            },
          }),
        ),
    };
    const things = pairs.find(({ table }) => table.name === 'things') as Pair;
    await expect(syncTable({ ...things, to: interrupted }, stop.signal, small)).rejects.toThrow('too late');
    expect(await managed.query('SELECT id FROM things')).toEqual([]);
  });

  test('ends with equal sides whatever changed between and during passes', async () => {
    const change = changes();
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 25 }),
        fc.array(change, { maxLength: 25 }),
        fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }),
        async (first, garbage, during) => {
          await empty();
          for (const one of first) await apply(box, one);
          for (const one of garbage) await apply(managed, one);
          const left = [...during];
          const onChunk = async () => {
            for (const one of left.shift() ?? []) await apply(box, one);
          };
          for (const pair of pairs) await syncTable(pair, never, { chunkRows: 3, onChunk });
          await carryAll();
          await expectSame();
        },
      ),
      runs(40),
    );
  });

  const refusals = [
    ['no primary key', 'CREATE TABLE t (a VARCHAR(9))', 'no primary key'],
    ['fractions', 'CREATE TABLE t (a VARCHAR(9) PRIMARY KEY, b DOUBLE)', 't.b is double'],
    [
      'another order of texts',
      'CREATE TABLE t (a VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY)',
      'utf8mb4_general_ci',
    ],
    ['numbers of its own', 'CREATE TABLE t (a BIGINT AUTO_INCREMENT PRIMARY KEY)', 'auto_increment'],
    [
      'a key on a part',
      'CREATE TABLE t (a VARCHAR(9) PRIMARY KEY, b VARCHAR(9), UNIQUE KEY u (b(3)))',
      't.u',
    ],
  ] as const;

  test.each(refusals)('refuses a table with %s, by name', async (_what, statement, says) => {
    const { box: from, managed: to } = await servers.schema('odd', (sql) =>
      run(sql, [`${statement} ${TABLE}`]),
    );
    await expect(pairsOf({ odd: from }, { odd: to })).rejects.toThrow(UnsupportedTableError);
    await expect(pairsOf({ odd: from }, { odd: to })).rejects.toThrow(says);
  });

  test('refuses tables with foreign keys', async () => {
    const { box: from, managed: to } = await servers.schema('odd', (sql) =>
      run(sql, [
        `CREATE TABLE parents (id BIGINT PRIMARY KEY) ${TABLE}`,
        `CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT, FOREIGN KEY (parent) REFERENCES parents (id)) ${TABLE}`,
      ]),
    );
    await expect(pairsOf({ odd: from }, { odd: to })).rejects.toThrow(/children has the foreign key/);
  });

  test('refuses sides that do not have the same tables', async () => {
    const { box: from, managed: to } = await servers.schema('odd', (sql) => run(sql, SCHEMA));
    await to.execute('ALTER TABLE pairs ADD COLUMN later BIGINT');
    await expect(pairsOf({ odd: from }, { odd: to })).rejects.toThrow(SchemasDifferError);
    await expect(pairsOf({ odd: from }, { odd: to })).rejects.toThrow('differ between the sides: pairs.');
  });
});

interface Change {
  readonly sql: string;
  readonly values: SqlValue[];
}

/** Few keys and few values, so that they collide often. */
function changes(): fc.Arbitrary<Change> {
  const id = fc.integer({ min: -3, max: 12 });
  const code = fc.option(fc.constantFrom('', 'a', 'a ', 'A', 'ä', '🍎', 'b', 'c', "d'\\"));
  const a = fc.constantFrom('', 'a', 'A', 'ab', 'b', 'ß', '🍎');
  const change = (sql: string, ...values: fc.Arbitrary<SqlValue>[]) =>
    fc.tuple(...values).map((given): Change => ({ sql, values: given }));
  return fc.oneof(
    change('INSERT INTO things (id, code, note, size) VALUES (?, ?, ?, ?)', id, code, code, fc.nat(3)),
    change('UPDATE things SET code = ? WHERE id = ?', code, id),
    change('UPDATE things SET note = ? WHERE id = ?', code, id),
    change('DELETE FROM things WHERE id = ?', id),
    change('INSERT INTO pairs (a, b, v) VALUES (?, ?, ?)', a, id, code),
    change('UPDATE pairs SET v = ? WHERE a = ?', code, a),
    change('DELETE FROM pairs WHERE b = ?', id),
  );
}

/** Applies a change. One that a unique key refuses is as if it had never been. */
async function apply(sql: Sql, { sql: statement, values }: Change): Promise<void> {
  await sql.execute(statement, values).catch((error: Error) => {
    if (error.name !== 'DuplicateKeyError') throw error;
  });
}

async function fill(sql: Sql, rows: number): Promise<void> {
  for (let id = 1; id <= rows; id++) {
    await sql.execute('INSERT INTO things VALUES (?, ?, ?, ?)', [id, `code ${id}`, `note ${id}`, id]);
  }
}

async function run(sql: Sql, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.execute(statement);
}
