import { remoteShards, shardAnswer } from '../../../lambda/data-migration/shards/calls';
import {
  openShardControl,
  type ShardControl,
  UnknownShardError,
  UsersNotMovedError,
} from '../../../lambda/data-migration/shards/control';
import { accountWithEmail } from '../../../lambda/users/sharding/account-with-email';
import { bucketOf } from '../../../lambda/users/sharding/buckets';
import { ShardArgumentsError, shardCommand } from '../../../operate/shards/command';
import { dividedShards, type Shards, undividedShards } from '../../lambda/users/sharding/shards';
import { describeManaged } from '../../support/engines';

const PEOPLE = 1200;
const idOf = (n: number) => `0198${String(n).padStart(4, '0')}-0000-7000-8000-000000000000`;
const emailOf = (n: number) => `person-${n}@example.com`;

describeManaged('npm run shards', (engine) => {
  let shards: Shards;
  let home: 'shared' | 'own';
  let late: boolean;
  let said: string[];
  /** As on AWS: every call and every result is JSON. */
  const remote = (control: ShardControl): ShardControl => {
    const json = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));
    return remoteShards(async (call) => json(await shardAnswer(control, json(call))));
  };
  const control = () =>
    openShardControl({
      // Nobody else uses the map, so nobody has to hear of moves.
      ...{ table: shards.table, shards: shards.sql, settleMs: 0, leaseMs: 10 },
      home: async () => home,
      late: () => late,
    });
  const run = async (...words: string[]) => {
    said = [];
    await shardCommand(words, remote(control()), { write: (text: string) => said.push(...text.split('\n')) });
    said = said.filter(Boolean);
    expect(said.filter((line) => line.length > 80)).toEqual([]);
    return said.join('\n');
  };
  const idsOn = async (name: string) =>
    ((await shards.sql[name]?.query<{ id: string }>('SELECT id FROM users')) ?? []).map(({ id }) => id);

  beforeAll(async () => {
    shards = await undividedShards(engine, ['users-1', 'users-2']);
    for (let start = 0; start < PEOPLE; start += 100) {
      const some = Array.from({ length: 100 }, (_, n) => start + n);
      await shards.alone.execute(
        `INSERT INTO users (id, email, name, role, password_hash, created_at)
         VALUES ${some.map(() => "(?, ?, 'Sam', 'customer', '', 0)").join(', ')}`,
        some.flatMap((n) => [idOf(n), emailOf(n)]),
      );
    }
  });
  beforeEach(() => {
    home = 'own';
    late = false;
  });

  test('says that nobody is divided, and which clusters wait', async () => {
    expect(await run('list')).toBe(
      'The users are not divided.\nusers-1      deployed, not added\nusers-2      deployed, not added',
    );
    expect(await run('skew')).toBe('The users are not divided.');
  });

  test('divides nobody beside inventory, begins where all users are, and knows no cluster that is not there', async () => {
    home = 'shared';
    await expect(run('add', 'users-1')).rejects.toThrow(UsersNotMovedError);
    home = 'own';
    await expect(run('add', 'users-2')).rejects.toThrow('Add "users-1" first');
    await expect(run('add', 'users-3')).rejects.toThrow(UnknownShardError);
    await expect(run('list', 'all')).rejects.toThrow(ShardArgumentsError);
    await expect(run('move', '2000', 'users-1')).rejects.toThrow(ShardArgumentsError);
    await expect(run('drop')).rejects.toThrow('Give one of list, add, move, balance, skew');
    expect((await control().list()).version).toBe(0);
  });

  test('enters every account in the directory, call by call where each has little time', async () => {
    late = true;
    const text = await run('add', 'users-1');
    expect(text).toContain('500 accounts are in the directory\n1,000 accounts are in the directory');
    const store = shards.open();
    for (const n of [0, 499, 500, PEOPLE - 1])
      expect((await accountWithEmail(store, emailOf(n)))?.id).toBe(idOf(n));
    expect(await control().list()).toMatchObject({ complete: true, moving: 0 });
    await run('add', 'users-1');
  });

  test('moves buckets to a new shard, shows how far it is, and goes on where it was stopped', async () => {
    await run('add', 'users-2');
    const moved = await control().move([0, 1, 2], 'users-2');
    expect(moved.left).toEqual([]);
    late = true;
    const slow = await control().move([3, 4, 5], 'users-2');
    expect(slow.moves.length).toBeLessThan(3);
    expect((await control().list()).moving).toBeGreaterThan(0);
    const text = await run('move', '0-9', 'users-2');
    expect(text).toMatch(
      /10 of 10 {2}100 %\n10 buckets are on users-2: \d+ rows, users waited for \d+ ms at most\.$/,
    );
    expect(await control().list()).toMatchObject({
      moving: 0,
      shards: [
        { name: 'users-1', buckets: 1014 },
        { name: 'users-2', buckets: 10 },
      ],
    });
    for (const id of await idsOn('users-2')) expect(bucketOf(id)).toBeLessThan(10);
  });

  test('counts how even the shards are', async () => {
    const text = await run('skew');
    expect(text).toMatch(
      /^users-1 +1,1\d\d accounts \(19\d % of the mean\), 0 sessions\n +largest buckets: \d+ \(\d\)/,
    );
    const counts = await control().skew();
    expect(counts.reduce((sum, { accounts }) => sum + accounts, 0)).toBe(PEOPLE);
  });

  test('balances by the fewest moves, and nothing that is even', async () => {
    shards = await dividedShards(engine, ['users-1', 'users-2']);
    expect(await run('balance')).toBe('The shards have as many buckets as each other.');
    await control().move([0, 2, 4, 6], 'users-2');
    expect(await run('balance')).toContain('4 buckets from users-2 to users-1');
    expect(await run('list')).toMatch(/users-1 +512 of 1,024 buckets\nusers-2 +512 of 1,024 buckets$/);
  });
});
