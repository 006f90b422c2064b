import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTrace, type Trace } from '../../../../lambda/shared/runtime/trace';
import { openSqlite } from '../../../../lambda/shared/sql/sqlite';
import { tracedSql } from '../../../../lambda/shared/sql/traced';
import { cleanup } from '../../../support/cleanup';

const folder = mkdtempSync(join(tmpdir(), 'shop-traced-'));
cleanup(() => rmSync(folder, { recursive: true }));
let n = 0;

it('names the verb and the table of each statement of a request, and no value', async () => {
  const sql = tracedSql(await openSqlite(join(folder, `${n++}.db`)));
  cleanup(() => sql.close());
  await sql.execute('CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT)');
  const trace: Trace = {
    ...{ requestId: 'request-1', traceId: 'a'.repeat(32), sampled: true, startedAt: performance.now() },
    spans: [],
  };
  const rows = await inTrace(trace, async () => {
    await sql.transaction(async (tx) => {
      await tx.execute('INSERT INTO things (id, name) VALUES (?, ?)', ['1', 'secret']);
      await tx.execute('UPDATE things SET name = ? WHERE id = ?', ['other', '1']);
    });
    await sql.query('SELECT 1 AS one');
    return sql.query('SELECT id, name FROM things WHERE id = ?', ['1']);
  });
  expect(rows).toEqual([{ id: '1', name: 'other' }]);
  expect(trace.spans.map(({ name }) => name)).toEqual([
    'sql INSERT things',
    'sql UPDATE things',
    'sql transaction',
    'sql SELECT',
    'sql SELECT things',
  ]);
});

it('is the same schema outside of a request', async () => {
  const sql = tracedSql(await openSqlite(join(folder, `${n++}.db`)));
  cleanup(() => sql.close());
  await sql.execute('CREATE TABLE things (id TEXT PRIMARY KEY)');
  await sql.exclusively('work', (session) => session.execute('INSERT INTO things (id) VALUES (?)', ['1']));
  expect(await sql.query('SELECT id FROM things')).toEqual([{ id: '1' }]);
});
