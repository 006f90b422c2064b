import { setTimeout as sleep } from 'node:timers/promises';
import { createMemoryTable } from '../../../../lambda/shared/tables/memory-table';
import { type Table, TableUnavailableError } from '../../../../lambda/shared/tables/table';
import { followMap } from '../../../../lambda/users/sharding/followed-map';
import { changeMap, DIRECTORY_TABLE, mapOfOne, readMap } from '../../../../lambda/users/sharding/shard-map';
import { until } from '../../../support/until';

const LEASE_MS = 200;

describe('the map of shards', () => {
  test('is certain for a lease from the question, so one that was long under way is not', async () => {
    const table = createMemoryTable(DIRECTORY_TABLE);
    await changeMap(table, await readMap(table), mapOfOne('users-1'));
    const slow: Table = {
      ...table,
      get: async (...asked) => {
        const item = await table.get(...asked);
        // A move may begin meanwhile.
        await sleep(LEASE_MS + 10);
        return item;
      },
    };
    const followed = followMap(slow, LEASE_MS);
    const map = await followed.refresh();
    expect([map.shards, followed.isCertain(map)]).toEqual([['users-1'], false]);
  });

  test('is read once for all who ask at a time, and again after a lease', async () => {
    const table = createMemoryTable(DIRECTORY_TABLE);
    await changeMap(table, await readMap(table), mapOfOne('users-1'));
    let reads = 0;
    const counted: Table = {
      ...table,
      get: (...asked) => {
        reads += 1;
        return table.get(...asked);
      },
    };
    const followed = followMap(counted, LEASE_MS);
    await Promise.all(Array.from({ length: 10 }, () => followed.current()));
    expect(reads).toBe(1);
    await sleep(LEASE_MS);
    await followed.current();
    expect(reads).toBe(2);
  });

  test('is the one that was read last while the table does not answer, but is not certain, and is asked for again', async () => {
    const table = createMemoryTable(DIRECTORY_TABLE);
    await changeMap(table, await readMap(table), mapOfOne('users-1'));
    let away = true;
    const unsteady: Table = {
      ...table,
      get: async (...asked) => {
        if (away) throw new TableUnavailableError();
        return table.get(...asked);
      },
    };
    const followed = followMap(unsteady, LEASE_MS);
    await expect(followed.current()).rejects.toThrow(TableUnavailableError);
    away = false;
    const map = await followed.current();
    away = true;
    await sleep(LEASE_MS);
    expect(await followed.current()).toBe(map);
    expect(followed.isCertain(map)).toBe(false);
    away = false;
    await changeMap(table, await readMap(table), { shards: ['users-1', 'users-2'] });
    await until(async () => (await followed.current()).shards.length === 2);
  });
});
