import { balancing, bucketsByShard } from '../../../../lambda/users/sharding/balance';
import type { ShardMap } from '../../../../lambda/users/sharding/shard-map';

const map = (homes: readonly number[], moving: ShardMap['moving'] = {}): ShardMap => ({
  ...{ version: 1, shards: ['one', 'two', 'three'], directoryComplete: true },
  ...{ homes, moving },
});

test('a bucket on its way counts where it goes to', () => {
  expect(bucketsByShard(map([0, 0, 1], { 1: { to: 2, id: 'a' } }))).toEqual({
    one: [0],
    two: [2],
    three: [1],
  });
});

test('the fewest buckets move, and no shard has more than one more than another then', () => {
  const moves = balancing(map([0, 0, 0, 0, 0, 0, 1]));
  expect(moves.map(({ from, to, buckets }) => [from, to, buckets.length])).toEqual(
    expect.arrayContaining([
      ['one', 'three', 2],
      ['one', 'two', 1],
    ]),
  );
  expect(moves).toHaveLength(2);
  expect(balancing(map([0, 0, 0, 1, 1, 2, 2]))).toEqual([]);
});

test('a bucket that is on its way is not sent elsewhere', () => {
  // The second shard has five then, of which three only arrive.
  const arriving = { to: 1, id: 'a' };
  const moves = balancing(map([1, 1, 0, 0, 0, 0], { 2: arriving, 3: arriving, 4: arriving }));
  const planned = moves.flatMap(({ buckets }) => buckets);
  expect(planned.length).toBeGreaterThan(0);
  for (const bucket of [2, 3, 4]) expect(planned).not.toContain(bucket);
});
