import {
  ConnectionEndedError,
  createDatabase,
  createReplica,
  DeadlockError,
} from '../../../lab/simulator/database';
import { DuplicateKeyError } from '../../../lambda/shared/sql/sql';

const migrations = [
  { id: '1', statements: ['CREATE TABLE items (id VARCHAR(9) PRIMARY KEY, pieces BIGINT NOT NULL)'] },
];

async function stocked() {
  const database = createDatabase(migrations);
  const first = database.begin();
  for (const id of ['a', 'b']) await first.execute('INSERT INTO items VALUES (?, ?)', [id, 1]);
  first.commit();
  return database;
}

const PIECES = 'SELECT pieces FROM items WHERE id = ?';
const TAKE = 'UPDATE items SET pieces = pieces - 1 WHERE id = ? AND pieces > 0';

test('a transaction sees its own writes, and others see them from the commit on', async () => {
  const database = await stocked();
  const [one, other] = [database.begin(), database.begin()];
  await one.execute(TAKE, ['a']);
  expect(one.query(PIECES, ['a'])).toEqual([{ pieces: 0 }]);
  expect(other.query(PIECES, ['a'])).toEqual([{ pieces: 1 }]);
  expect(database.query(PIECES, ['a'])).toEqual([{ pieces: 1 }]);
  one.commit();
  expect(other.query(PIECES, ['a'])).toEqual([{ pieces: 0 }]);
});

test('a write waits for the one who wrote the row, and then goes by what was committed', async () => {
  const database = await stocked();
  const [one, other] = [database.begin(), database.begin()];
  await one.execute(TAKE, ['a']);
  const waiting = other.execute(TAKE, ['a']);
  expect(await other.execute(TAKE, ['b'])).toBe(1);
  one.commit();
  expect(await waiting).toBe(0);
});

test('a write goes on when the one before it is rolled back', async () => {
  const database = await stocked();
  const [one, other] = [database.begin(), database.begin()];
  await one.execute(TAKE, ['a']);
  const waiting = other.execute(TAKE, ['a']);
  one.rollback();
  expect(await waiting).toBe(1);
  other.commit();
  expect(database.query(PIECES, ['a'])).toEqual([{ pieces: 0 }]);
});

test('rows that a transaction shares are read by others, and written after its end', async () => {
  const database = await stocked();
  const [one, other, writer] = [database.begin(), database.begin(), database.begin()];
  expect(await one.queryShared(PIECES, ['a'])).toEqual([{ pieces: 1 }]);
  expect(await other.queryShared(PIECES, ['a'])).toEqual([{ pieces: 1 }]);
  const order: string[] = [];
  const written = writer.execute(TAKE, ['a']).then(() => order.push('written'));
  one.commit();
  await Promise.resolve();
  order.push('ended');
  other.commit();
  await written;
  expect(order).toEqual(['ended', 'written']);
  const late = database.begin().queryShared(PIECES, ['a']);
  writer.commit();
  expect(await late).toEqual([{ pieces: 0 }]);
});

test('the same key is taken by one of two transactions', async () => {
  const database = await stocked();
  const [one, other] = [database.begin(), database.begin()];
  await one.execute('INSERT INTO items VALUES (?, 1)', ['c']);
  const waiting = other.execute('INSERT INTO items VALUES (?, 2)', ['c']);
  one.commit();
  await expect(waiting).rejects.toThrow(DuplicateKeyError);
});

test('of two that wait for each other one is rolled back', async () => {
  const database = await stocked();
  const [one, other] = [database.begin(), database.begin()];
  await one.execute(TAKE, ['a']);
  await other.execute(TAKE, ['b']);
  const waiting = one.execute(TAKE, ['b']);
  await expect(other.execute(TAKE, ['a'])).rejects.toThrow(DeadlockError);
  expect(await waiting).toBe(1);
});

test('a failover ends what is open, and nothing of it is stored', async () => {
  const database = await stocked();
  const one = database.begin();
  await one.execute(TAKE, ['a']);
  database.failOver();
  expect(() => one.commit()).toThrow(ConnectionEndedError);
  expect(database.query(PIECES, ['a'])).toEqual([{ pieces: 1 }]);
});

test('a replica has the commits up to where it is, and never fewer than before', async () => {
  const database = await stocked();
  const replica = createReplica(migrations, database.log);
  expect(replica.query(0, PIECES, ['a'])).toEqual([]);
  const one = database.begin();
  await one.execute(TAKE, ['a']);
  one.commit();
  expect(replica.query(1, PIECES, ['a'])).toEqual([{ pieces: 1 }]);
  expect(replica.query(2, PIECES, ['a'])).toEqual([{ pieces: 0 }]);
  expect(replica.query(1, PIECES, ['a'])).toEqual([{ pieces: 0 }]);
});

test('what was cleared has its tables, and no rows', async () => {
  const database = await stocked();
  database.clear();
  expect(database.query('SELECT * FROM items')).toEqual([]);
});
