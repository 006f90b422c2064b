import fc from 'fast-check';
import { lastChanges } from '../../../../lambda/data-migration/changes';
import { type ChangeLog, openChangeLog } from '../../../../lambda/data-migration/sync/change-log';
import { pairsOf } from '../../../../lambda/data-migration/sync/endpoints';
import { syncTable } from '../../../../lambda/data-migration/sync/sync-table';
import { openSql } from '../../../../lambda/shared/sql/open';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { closing } from '../../../support/cleanup';
import { describeServers } from '../../../support/engines';
import { runs } from '../../../support/rounds';
import { until } from '../../../support/until';
import { contents } from '../migration-servers';

const THINGS = 'CREATE TABLE things (id VARCHAR(60) PRIMARY KEY, code VARCHAR(60), UNIQUE KEY codes (code))';
const PLACES = 'CREATE TABLE places (a BIGINT, b VARCHAR(60), v BIGINT, PRIMARY KEY (a, b))';

describeServers('the notes of changed rows', (engine) => {
  let from: Sql & { url: string };
  let to: Sql;
  let log: ChangeLog;

  beforeAll(async () => {
    [from, to] = await Promise.all([engine.open('noted'), engine.open('copy')]);
    for (const sql of [from, to]) for (const table of [THINGS, PLACES]) await sql.execute(table);
    log = closing(await openChangeLog({ admin: from.url }));
  });
  beforeEach(async () => {
    for (const sql of [from, to])
      for (const table of ['things', 'places']) await sql.execute(`DELETE FROM ${table}`);
  });

  const pairs = () => pairsOf({ shop: from }, { shop: to });
  const begin = async () => log.begin((await pairs()).map(({ pair }) => pair.table));
  const noted = async () => (await log.notes(0)).map(({ table, key }) => [table, ...key].join(' '));
  const traces = async () => [
    ...(await from.query('SHOW TRIGGERS')),
    ...(await from.query("SHOW TABLES LIKE 'changed%'")),
  ];

  test('name each row that was inserted, changed or deleted, and a changed key twice', async () => {
    await from.execute("INSERT INTO things VALUES ('of before', NULL)");
    await from.execute("INSERT INTO places VALUES (9007199254740993, 'b', 1)");
    await begin();
    await from.execute("INSERT INTO things VALUES ('it''s \"ü\"', NULL)");
    await from.execute('UPDATE places SET v = 2, a = 7');
    await from.execute("DELETE FROM things WHERE id = 'of before'");
    expect(new Set(await noted())).toEqual(
      new Set(['things it\'s "ü"', 'places 9007199254740993 b', 'places 7 b', 'things of before']),
    );
  });

  test('are written with their change, or not at all', async () => {
    await begin();
    const undone = from.transaction(async (tx) => {
      await tx.execute("INSERT INTO things VALUES ('undone', NULL)");
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await noted()).toEqual([]);
  });

  test('begin anew, are forgotten one by one, and leave nothing when they end', async () => {
    await begin();
    await from.execute("INSERT INTO things VALUES ('a', NULL), ('b', NULL)");
    const [first] = await log.notes(0);
    await log.forget(first ? [first] : []);
    expect(await noted()).toEqual(['things b']);
    await begin();
    expect(await noted()).toEqual([]);
    await log.end();
    await log.end();
    expect(await traces()).toEqual([]);
    await from.execute("INSERT INTO things VALUES ('c', NULL)");
  });

  test('fail no prepared statement of any process, however soon it is sent after a trigger', async () => {
    const hosts = await Promise.all([1, 2, 3].map(async () => closing(await openSql(from.url))));
    await from.execute("INSERT INTO places VALUES (1, 'b', 1), (2, 'b', 1), (3, 'b', 1)");
    let stopped = false;
    let written = 0;
    const write = async (host: Sql, a: number) => {
      while (!stopped) {
        await host.execute('UPDATE places SET v = v + 1 WHERE a = ?', [a]);
        written++;
      }
    };
    const writing = Promise.all(hosts.map((host, n) => write(host, n + 1)));
    for (let time = 0; time < 5; time++) {
      await begin();
      const before = written;
      await until(() => Promise.race([writing.then(() => true), written > before + 30]));
      await log.end();
    }
    stopped = true;
    await writing;
    expect(await traces()).toEqual([]);
  });

  test('wait for a transaction that uses a table, which goes on', async () => {
    let begun: Promise<void> | undefined;
    await from.transaction(async (tx) => {
      await tx.execute("INSERT INTO things VALUES ('long', NULL)");
      begun = begin();
      await tx.execute("UPDATE things SET code = 'still' WHERE id = 'long'");
    });
    await begun;
    expect(await noted()).toEqual([]);
  });

  test('are not taken from under the triggers that another mover, killed or not, is just making', async () => {
    await log.end();
    const successor = closing(await openChangeLog({ admin: from.url }));
    const waits = async (statement: string) => {
      const like = 'SELECT id FROM information_schema.processlist WHERE info LIKE ?';
      return (await from.query(like, [`${statement}%`])).length > 0;
    };
    let begun: Promise<void> | undefined;
    let ended: Promise<void> | undefined;
    await from.transaction(async (tx) => {
      await tx.execute("INSERT INTO things VALUES ('long', NULL)");
      begun = begin();
      await until(() => waits('LOCK TABLES'));
      let over = false;
      ended = successor.end().finally(() => (over = true));
      await until(async () => over || (await waits('SELECT GET_LOCK')));
    });
    await Promise.all([begun, ended]);
    expect(await traces()).toEqual([]);
  });

  test('of a schema that was dropped are no error', async () => {
    const gone = await engine.open('gone');
    const notes = closing(await openChangeLog({ admin: gone.url }));
    await gone.execute(`DROP DATABASE ${new URL(gone.url).pathname.slice(1)}`);
    await expect(notes.end()).resolves.toBeUndefined();
  });

  test('make both sides equal after any changes, with no other row looked at', async () => {
    const id = fc.integer({ min: 0, max: 5 }).map((n) => `id ${n}`);
    const code = fc.option(fc.constantFrom('x', 'y', 'z'));
    const change = fc.oneof(
      fc.record({ sql: fc.constant('INSERT IGNORE INTO things VALUES (?, ?)'), values: fc.tuple(id, code) }),
      fc.record({
        sql: fc.constant('UPDATE IGNORE things SET code = ? WHERE id = ?'),
        values: fc.tuple(code, id),
      }),
      fc.record({
        sql: fc.constant('UPDATE IGNORE things SET id = ? WHERE id = ?'),
        values: fc.tuple(id, id),
      }),
      fc.record({ sql: fc.constant('DELETE FROM things WHERE id = ?'), values: fc.tuple(id) }),
    );
    const changes = fc.array(change, { maxLength: 8 });
    const never = new AbortController().signal;
    const holds = fc.asyncProperty(changes, changes, async (before, after) => {
      for (const { sql, values } of before) await from.execute(sql, values);
      await begin();
      const [, things] = await pairs();
      if (!things) throw new Error('things are missing');
      await syncTable(things.pair, never, { chunkRows: 2, onChunk: async () => undefined });
      for (const { sql, values } of after) await from.execute(sql, values);
      const work = {
        ...{ from: { schemas: {} }, to: { schemas: {} }, pairs: [things], chunkRows: 2, signal: never },
        ...{ report: async () => undefined, compared: new Set<string>() },
      };
      await lastChanges(work, log, 1);
      await log.end();
      expect(await contents(to)).toEqual(await contents(from));
    });
    await fc.assert(holds, runs(20));
  });
});
