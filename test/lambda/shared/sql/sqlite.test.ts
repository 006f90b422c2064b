import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseUnavailableError, OutcomeUnknownError, type Sql } from '../../../../lambda/shared/sql/sql';
import { openSqlite } from '../../../../lambda/shared/sql/sqlite';
import { closing } from '../../../support/cleanup';
import { eventually } from '../../../support/until';

let folder: string;
let file: string;
let sql: Sql;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shop-sqlite-'));
  file = join(folder, 'things.db');
  sql = closing(openSqlite(file));
  await sql.execute('CREATE TABLE things (id INTEGER PRIMARY KEY, note TEXT)');
});
afterEach(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (note: string) => sql.execute('INSERT INTO things (note) VALUES (?)', [note]);
const putTwo = (note: string) =>
  sql.transaction(async ({ execute }) => {
    await execute('INSERT INTO things (note) VALUES (?)', ['first']);
    await execute('INSERT INTO things (note) VALUES (?)', [note]);
  });
const notes = async () =>
  (await sql.query<{ note: string }>('SELECT note FROM things')).map(({ note }) => note);
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error,
  );

describe('a disk that is full', () => {
  const tooMuch = 'x'.repeat(100_000);
  /** To SQLite a full disk and a file that may not grow are the same. */
  const room = (pages: number) => sql.transaction(({ query }) => query(`PRAGMA max_page_count = ${pages}`));

  it.each([
    ['a statement', put],
    ['a transaction', putTwo],
  ])('refuses %s, names the cause, and stores nothing of it', async (_, write) => {
    await put('before');
    await room(10);
    const error = await refusal(write(tooMuch));
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect((error as Error).cause).toMatchObject({ code: 'SQLITE_FULL' });
    expect(await notes()).toEqual(['before']);
  });

  it('takes changes again once there is room', async () => {
    await room(10);
    await refusal(putTwo(tooMuch));
    await room(1000);
    await putTwo(tooMuch);
    expect(await notes()).toEqual(['first', tooMuch]);
  });
});

describe('a file that is deleted, moved or replaced while it is open', () => {
  const losses: [string, () => void][] = [
    ['the folder was deleted', () => rmSync(folder, { recursive: true })],
    ['the file was moved', () => renameSync(file, `${file}.old`)],
    [
      'another file took its place',
      () => {
        rmSync(file);
        writeFileSync(file, '');
      },
    ],
    ['the write-ahead log was deleted', () => rmSync(`${file}-wal`)],
  ];

  it.each(losses)('refuses changes when %s, and names the file', async (_, lose) => {
    await put('before');
    lose();
    for (const write of [put, putTwo]) {
      const error = await refusal(write('lost'));
      expect(error).toBeInstanceOf(DatabaseUnavailableError);
      expect((error as Error).cause).toMatchObject({
        message: expect.stringMatching(/things\.db(-wal)? was deleted, moved or replaced while it was open$/),
      });
    }
  });

  it.each(losses)('refuses reads soon when %s, so that it does not count as ready', async (_, lose) => {
    await put('before');
    lose();
    await eventually(() => expect(notes()).rejects.toThrow(DatabaseUnavailableError));
  });

  it.each(losses)('does not acknowledge a change when %s before it was stored', async (_, lose) => {
    await put('before');
    const write = sql.transaction(async ({ execute }) => {
      await execute('INSERT INTO things (note) VALUES (?)', ['lost']);
      lose();
    });
    await expect(write).rejects.toThrow(OutcomeUnknownError);
  });
});

it('passes on what the work of a transaction throws, whatever its message says', async () => {
  const given = new Error('The photo already exists');
  await expect(
    sql.transaction(async () => {
      throw given;
    }),
  ).rejects.toBe(given);
});
