import { addShard } from '../../../../lambda/data-migration/shards/begin-sharding';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { readMap } from '../../../../lambda/users/sharding/shard-map';
import { engines } from '../../../support/engines';
import { type Shards, undividedShards } from '../../users/sharding/shards';

const PEOPLE = 40;
const idOf = (n: number) => `user-${String(n).padStart(3, '0')}`;
const emailOf = (n: number) => `user-${n}@example.com`;

let shards: Shards;
let sql: Sql;

beforeEach(async () => {
  const [engine] = engines();
  if (!engine) throw new Error('SQLite is always there');
  shards = await undividedShards(engine, ['users-1', 'users-2']);
  sql = shards.alone;
  for (let n = 0; n < PEOPLE; n++)
    await sql.execute(
      "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, 'Sam', 'customer', '', 0)",
      [idOf(n), emailOf(n)],
    );
});

test('every account is in the directory once the first shard is added', async () => {
  await addShard(shards.table, 'users-1', sql, { settleMs: 0 });
  const directory = await shards.open().directory();
  for (let n = 0; n < PEOPLE; n++) expect([n, await directory?.find(emailOf(n))]).toEqual([n, idOf(n)]);
});

test('accounts are entered when registrations that began without the map have ended', async () => {
  const settleMs = 300;
  let begun = 0;
  let waited = 0;
  const put: typeof shards.table.put = async (...given) => {
    begun ||= performance.now();
    return shards.table.put(...given);
  };
  const query: Sql['query'] = (statement, values) => {
    if (statement.includes('FROM users')) waited ||= performance.now() - begun;
    return sql.query(statement, values);
  };
  await addShard({ ...shards.table, put }, 'users-1', { ...sql, query }, { settleMs });
  // A timer may be early by a part of a millisecond.
  expect(waited).toBeGreaterThan(settleMs - 2);
});

test('another shard does not complete the directory, which would lack accounts of the first one', async () => {
  const stopped = { ...sql, query: () => Promise.reject(new Error('stopped')) };
  await expect(addShard(shards.table, 'users-1', stopped, { settleMs: 0 })).rejects.toThrow('stopped');
  const second = shards.sql['users-2'] as Sql;
  await expect(addShard(shards.table, 'users-2', second)).rejects.toThrow('Run this for users-1 first');
  expect(await readMap(shards.table)).toMatchObject({ directoryComplete: false });
  await addShard(shards.table, 'users-1', sql);
  expect(await readMap(shards.table)).toMatchObject({ directoryComplete: true });
});
