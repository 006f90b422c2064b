import { addShard } from '../../../../lambda/data-migration/shards/begin-sharding';
import { type BucketStep, createBucketMover } from '../../../../lambda/data-migration/shards/bucket-mover';
import type { Sql, Statements } from '../../../../lambda/shared/sql/sql';
import { balancing, bucketsByShard } from '../../../../lambda/users/sharding/balance';
import { bucketOf } from '../../../../lambda/users/sharding/buckets';
import { keepChanging, mapOfOne, readMap } from '../../../../lambda/users/sharding/shard-map';
import { describeServers } from '../../../support/engines';
import { ROUNDS, random, SEED } from '../../../support/rounds';
import { until } from '../../../support/until';
import { type Shards, undividedShards } from '../../users/sharding/shards';
import { openShop } from '../../users/support';
import { countedHistory } from '../counted-history';

const NAMES = ['users-1', 'users-2'];
const STEPS: readonly BucketStep[] = [
  ...(['announce', 'take', 'copy', 'fence', 'last rows', 'verify', 'leave'] as const),
  ...(['flip', 'admit', 'delete', 'end'] as const),
];
const KILLS = 5 * ROUNDS;
/** Callers leave the mover some of the machine: it moves what they use, and is not to be outrun. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

describeServers('buckets that move while users write', (engine) => {
  let shards: Shards;
  const users = Array.from({ length: 8 }, (_, n) => `user-${n}`);
  const buckets = [...new Set(users.map(bucketOf))];

  beforeEach(async () => {
    shards = await undividedShards(engine, NAMES);
    for (const id of users)
      await shards.alone.execute(
        "INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, '0', 'customer', '', 0)",
        [id, `${id}@example.com`],
      );
    for (const name of NAMES) await addShard(shards.table, name, shards.sql[name] as Sql, { settleMs: 0 });
  });

  const mover = (onStep?: (step: BucketStep) => Promise<void>) =>
    createBucketMover({ table: shards.table, shards: shards.sql, leaseMs: 1000, ...(onStep && { onStep }) });
  const moveAll = async (to: string, by = mover()) => {
    const done = [];
    for await (const move of by.move(buckets, to)) done.push(move);
    return done;
  };

  /** A process that counts up each user's name, and another one that reads it. */
  const load = () => {
    const [writer, reader] = [shards.open(), shards.open()];
    const history = countedHistory();
    let stopped = false;
    const nameOf = async (sql: Pick<Statements, 'query'>, id: string) => {
      const [row] = await sql.query<{ name: string }>('SELECT name FROM users WHERE id = ?', [id]);
      return Number(row?.name);
    };
    const write = async (id: string) => {
      while (!stopped) {
        await history.increment('writer', [id], () =>
          writer.at(id).transaction(async (tx) => {
            const next = (await nameOf(tx, id)) + 1;
            await tx.execute('UPDATE users SET name = ? WHERE id = ?', [String(next), id]);
            return next;
          }),
        );
        await pause();
      }
    };
    const read = async (name: string) => {
      while (!stopped) {
        const id = users[Math.floor(random() * users.length)] ?? '';
        await history.read(name, id, () => nameOf(reader.at(id), id));
        await pause();
      }
    };
    const running = Promise.all([...users.map(write), read('reader 1'), read('reader 2')]);
    return {
      history,
      stop: async () => {
        stopped = true;
        await running;
      },
    };
  };

  /** Every user is on the shard that the map names, once, with every change that was acknowledged. */
  const check = async ({ history }: ReturnType<typeof load>) => {
    const map = await readMap(shards.table);
    expect(map.moving).toEqual({});
    const there = new Map<string, number>();
    for (const id of users) {
      const home = map.shards[map.homes[bucketOf(id)] ?? -1];
      for (const name of NAMES) {
        const rows = await (shards.sql[name] as Sql).query<{ name: string }>(
          'SELECT name FROM users WHERE id = ?',
          [id],
        );
        expect([id, name, rows.length]).toEqual([id, name, name === home ? 1 : 0]);
        if (name === home) there.set(id, Number(rows[0]?.name));
      }
    }
    history.audit(there);
    expect(history.faults()).toEqual([]);
  };

  test('arrive complete, and their users wait for a moment at most', async () => {
    const work = load();
    await until(() => work.history.acknowledged() > 50);
    const moves = await moveAll('users-2');
    const back = await moveAll('users-1');
    await work.stop();
    expect(moves).toHaveLength(buckets.length);
    expect(back).toHaveLength(buckets.length);
    await check(work);
    const pauses = [...moves, ...back].map(({ pausedMs }) => pausedMs).sort((a, b) => a - b);
    console.info(
      `${work.history.inWords()}; the longest write ${work.history.longestMs('increment')} ms; a bucket's users waited for ${pauses[pauses.length >> 1]} ms in the median, ${pauses.at(-1)} at most`,
    );
  });

  test(`lose and double nothing when movers are stopped at any step, and when two work at once (SEED=${SEED})`, async () => {
    const work = load();
    let to = 'users-2';
    for (let kill = 0; kill < KILLS; kill++) {
      const at = STEPS[Math.floor(random() * STEPS.length)];
      let left = 1 + Math.floor(random() * 3);
      const killed = mover(async (step) => {
        if (step === at && --left === 0) throw new Error('killed');
      });
      const both = [moveAll(to, killed), ...(random() < 0.4 ? [moveAll(to)] : [])];
      const outcomes = await Promise.allSettled(both);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/killed|taken over|moved/);
      if (random() < 0.5) {
        await moveAll(to);
        to = to === 'users-2' ? 'users-1' : 'users-2';
      }
    }
    await moveAll(to);
    await work.stop();
    await check(work);
    console.info(`${KILLS} kills, ${work.history.inWords()}`);
  });

  const [id = ''] = users;
  const move = async (by: ReturnType<typeof mover>, to = 'users-2') => {
    for await (const _ of by.move([bucketOf(id)], to));
  };
  const rename = (name: string) =>
    shards.open().at(id).execute('UPDATE users SET name = ? WHERE id = ?', [name, id]);
  const namesOn = async (shard: string) =>
    (
      await (shards.sql[shard] as Sql).query<{ name: string }>('SELECT name FROM users WHERE id = ?', [id])
    ).map(({ name }) => name);

  test('a mover that was overtaken stores nothing that it read before: a deleted user stays deleted', async () => {
    const target = shards.sql['users-2'] as Sql;
    const stopped = mover(async (step) => {
      if (step === 'flip') throw new Error('stopped');
    });
    let overtaking: Promise<void> | undefined;
    const overtake = async () => {
      await shards.open().at(id).execute('DELETE FROM users WHERE id = ?', [id]);
      await expect(move(stopped)).rejects.toThrow('stopped');
    };
    // It has read the row, and is about to store it.
    const transaction: Sql['transaction'] = async (work) => {
      overtaking ??= overtake();
      await overtaking;
      return target.transaction(work);
    };
    const slow = createBucketMover({
      ...{ table: shards.table, leaseMs: 1000 },
      shards: { ...shards.sql, 'users-2': { ...target, transaction } },
    });
    await expect(move(slow)).rejects.toThrow('taken over');
    await move(mover());
    for (const name of NAMES) expect(await namesOn(name)).toEqual([]);
    expect((await readMap(shards.table)).moving).toEqual({});
  });

  test('a mover that was overtaken deletes nothing of a bucket that has come back since', async () => {
    const source = shards.sql['users-1'] as Sql;
    let deletes = false;
    let back: Promise<void> | undefined;
    const transaction: Sql['transaction'] = async (work) => {
      if (deletes) back ??= move(mover()).then(() => move(mover(), 'users-1'));
      await back;
      return source.transaction(work);
    };
    const slow = createBucketMover({
      ...{
        table: shards.table,
        leaseMs: 1000,
        shards: { ...shards.sql, 'users-1': { ...source, transaction } },
      },
      onStep: async (step) => {
        deletes = step === 'delete';
      },
    });
    await move(slow);
    expect(await namesOn('users-1')).toEqual(['0']);
    await rename('back');
    expect(await namesOn('users-1')).toEqual(['back']);
  });

  test.each(['last rows', 'verify', 'leave'] as const)(
    'whose move fails before the step "%s" are written again at once',
    async (at) => {
      const failing = mover(async (step) => {
        if (step === at) throw new Error('failed');
      });
      await expect(move(failing)).rejects.toThrow('failed');
      await rename('still here');
      expect(await namesOn('users-1')).toEqual(['still here']);
    },
  );

  test('are compared again when a row went meanwhile, and stay where they are when they go on to differ', async () => {
    const target = shards.sql['users-2'] as Sql;
    const falsified = mover(async (step) => {
      if (step === 'verify') await target.execute("UPDATE users SET name = 'false' WHERE id = ?", [id]);
    });
    await expect(move(falsified)).rejects.toThrow(/differs between the shards: it has not moved/);
    await rename('still here');
    let swept = false;
    const sweeping = mover(async (step) => {
      if (step !== 'verify' || swept) return;
      swept = true;
      await shards.alone.execute('DELETE FROM users WHERE id = ?', [id]);
    });
    await move(sweeping);
    expect([swept, await namesOn('users-1'), await namesOn('users-2')]).toEqual([true, [], []]);
  });

  test('go to no other shard while they are on their way, and nowhere before the directory is complete', async () => {
    const stopped = mover(async (step) => {
      if (step === 'take') throw new Error('stopped');
    });
    await expect(move(stopped)).rejects.toThrow('stopped');
    await expect(move(mover(), 'users-1')).rejects.toThrow(/is on its way to another shard/);
    await move(mover());
    expect(await namesOn('users-2')).toEqual(['0']);
    await keepChanging(shards.table, ({ directoryComplete }) =>
      directoryComplete ? { directoryComplete: false } : undefined,
    );
    await expect(move(mover(), 'users-1')).rejects.toThrow('The directory is not complete');
  });

  test('are admitted by whoever moved them, though a late mover has taken them over at the target', async () => {
    const target = shards.sql['users-2'] as Sql;
    const taken = mover(async (step) => {
      if (step === 'admit')
        await target.execute("UPDATE buckets SET owner = 'late' WHERE state = 'arriving'");
    });
    expect(await moveAll('users-2', taken)).toHaveLength(buckets.length);
    expect(await target.query("SELECT bucket FROM buckets WHERE state <> 'here'")).toEqual([]);
    for (const id of users)
      expect(await shards.open().at(id).query('SELECT id FROM users WHERE id = ?', [id])).toHaveLength(1);
  });

  test('new shards and balancing find every account again', async () => {
    const { ask } = await openShop(engine, { sql: shards.open() as never });
    expect(
      (
        await ask('POST', '/api/users', {
          body: { email: 'user-3@example.com', password: 'correct horse battery', name: 'B' },
        })
      ).status,
    ).toBe(409);
    const map = await readMap(shards.table);
    expect(map).toMatchObject({ shards: NAMES, directoryComplete: true });
    for (const id of users)
      expect(await (await shards.open().directory())?.find(`${id}@example.com`)).toBe(id);
  });
});

test('balancing moves the fewest buckets, to shards that are equal up to one', () => {
  const map = { ...mapOfOne('a'), shards: ['a', 'b', 'c'] };
  const plan = balancing(map);
  expect(plan.map(({ buckets }) => buckets.length).reduce((sum, n) => sum + n)).toBe(1024 - 342);
  const homes = plan.reduce(
    (now, { to, buckets }) => buckets.reduce((all, bucket) => all.with(bucket, map.shards.indexOf(to)), now),
    map.homes as number[],
  );
  const sizes = Object.values(bucketsByShard({ ...map, homes })).map(({ length }) => length);
  expect(sizes.sort()).toEqual([341, 341, 342]);
  expect(balancing({ ...map, homes })).toEqual([]);
});
