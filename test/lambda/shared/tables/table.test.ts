import type { Condition, Item, TableDefinition } from '../../../../lambda/shared/tables/table';
import { tableKinds } from './tables';

const parcels: TableDefinition = {
  partition: { name: 'customer', type: 'text' },
  sort: { name: 'id', type: 'text' },
  indexes: { due: { partition: { name: 'queue', type: 'text' }, sort: { name: 'dueAt', type: 'number' } } },
};
const claims: TableDefinition = { partition: { name: 'key', type: 'text' }, expires: 'expiresAt' };

/** Words that DynamoDB reserves must do as names. */
const parcel: Item = { customer: 'ann', id: '1', status: 'waiting', size: 3, queue: 'q', dueAt: 100 };
const key = { customer: 'ann', id: '1' };

describe.each(tableKinds)('a table ($name)', ({ open }) => {
  test('gives back what was put, and nothing for another key', async () => {
    const table = await open(parcels);
    expect(await table.put(parcel)).toBe(true);
    expect(await table.get(key, { consistent: true })).toEqual(parcel);
    expect(await table.get({ customer: 'ann', id: '2' }, { consistent: false })).toBeUndefined();
  });

  test('puts where the key is free only once, whoever asks', async () => {
    const table = await open(parcels);
    const puts = await Promise.all([1, 2, 3].map((size) => table.put({ ...parcel, size }, 'free')));
    expect(puts.filter(Boolean)).toHaveLength(1);
    const kept = 1 + puts.indexOf(true);
    expect(await table.get(key, { consistent: true })).toEqual({ ...parcel, size: kept });
  });

  test('puts over an item only if that meets the condition', async () => {
    const table = await open(parcels);
    expect(await table.put(parcel, { size: 3 })).toBe(false);
    await table.put(parcel);
    expect(await table.put({ ...parcel, size: 4 }, { size: 9 })).toBe(false);
    expect(await table.put({ ...parcel, size: 4 }, { size: 3, status: 'waiting' })).toBe(true);
    expect(await table.get(key, { consistent: true })).toMatchObject({ size: 4 });
  });

  test('changes, adds to and takes away attributes at once', async () => {
    const table = await open(parcels);
    await table.put(parcel);
    const change = { set: { status: 'sent', dueAt: null, reason: 'asked' }, add: { size: 2, tries: 1 } };
    expect(await table.update(key, change)).toBe(true);
    const expected = { ...key, queue: 'q', status: 'sent', reason: 'asked', size: 5, tries: 1 };
    expect(await table.get(key, { consistent: true })).toEqual(expected);
  });

  test('updates nothing that is not there, and nothing that does not meet the condition', async () => {
    const table = await open(parcels);
    expect(await table.update(key, { set: { size: 1 } })).toBe(false);
    expect(await table.get(key, { consistent: true })).toBeUndefined();
    await table.put(parcel);
    const unmet: Condition[] = [
      { status: 'sent' },
      { status: null },
      { size: { below: 3 } },
      { tries: { below: 5 } },
    ];
    for (const condition of unmet)
      expect(await table.update(key, { set: { size: 1 } }, condition)).toBe(false);
    expect(await table.get(key, { consistent: true })).toEqual(parcel);
    const met: Condition[] = [{ status: 'waiting' }, { tries: null }, { size: { below: 4 } }];
    for (const condition of met) expect(await table.update(key, { add: { size: 0 } }, condition)).toBe(true);
  });

  test('lets one of many concurrent changes win', async () => {
    const table = await open(parcels);
    await table.put(parcel);
    const claims = Array.from({ length: 8 }, (_, worker) =>
      table.update(key, { set: { status: `worker-${worker}` } }, { status: 'waiting' }),
    );
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
  });

  test('deletes once, and only what meets the condition', async () => {
    const table = await open(parcels);
    await table.put(parcel);
    expect(await table.delete(key, { status: 'sent' })).toBe(false);
    expect(await table.delete(key, { status: 'waiting' })).toBe(true);
    expect(await table.delete(key)).toBe(false);
    expect(await table.get(key, { consistent: true })).toBeUndefined();
  });

  test('lists the items of a partition by their sort key, from both ends, within bounds', async () => {
    const table = await open(parcels);
    for (const id of ['b', 'a', 'd', 'c', 'Z', 'é']) await table.put({ ...parcel, id });
    await table.put({ ...parcel, customer: 'bob', id: 'e' });
    const ids = async (query: Partial<Parameters<typeof table.query>[0]>) => {
      const found = await table.query({ partition: 'ann', limit: 10, consistent: true, ...query });
      return found.map(({ id }) => id).join('');
    };
    expect(await ids({})).toBe('Zabcdé');
    expect(await ids({ order: 'descending', limit: 2 })).toBe('éd');
    expect(await ids({ after: 'b' })).toBe('cdé');
    expect(await ids({ atMost: 'b' })).toBe('Zab');
    expect(await ids({ after: 'a', atMost: 'c' })).toBe('bc');
    expect(await ids({ after: 'a', atMost: 'c', limit: 1 })).toBe('b');
    await expect(ids({ limit: 0 })).rejects.toThrow('from 1 to 1000');
  });

  test('lists by an index what has its attributes, and cannot be asked to do so consistently', async () => {
    const table = await open(parcels);
    await table.put({ ...parcel, dueAt: 300 });
    await table.put({ ...parcel, id: '2', dueAt: 20 });
    await table.put({ customer: 'ann', id: '3', queue: 'q' });
    const due = { index: 'due', partition: 'q', atMost: 300, limit: 10 };
    expect((await table.query(due)).map(({ id }) => id)).toEqual(['2', '1']);
    await table.update(key, { set: { dueAt: null } });
    expect((await table.query(due)).map(({ id }) => id)).toEqual(['2']);
    await expect(table.query({ ...due, consistent: true })).rejects.toThrow();
  });

  test('an item whose time is over is as if it were gone, and its key is free', async () => {
    let seconds = 1000;
    const table = await open(claims, () => seconds * 1000);
    const claim = { key: 'a', owner: 'x', expiresAt: 1010 };
    expect(await table.put(claim, 'free')).toBe(true);
    await table.put({ key: 'b', owner: 'x' });
    seconds = 1009;
    expect(await table.put({ ...claim, owner: 'y' }, 'free')).toBe(false);
    seconds = 1010;
    expect(await table.get({ key: 'a' }, { consistent: true })).toBeUndefined();
    expect(await table.query({ partition: 'a', limit: 1 })).toEqual([]);
    expect(await table.update({ key: 'a' }, { set: { owner: 'z' } })).toBe(false);
    expect(await table.delete({ key: 'a' })).toBe(false);
    const all: Item[] = [];
    for await (const item of table.scan()) all.push(item);
    expect(all).toEqual([{ key: 'b', owner: 'x' }]);
    expect(await table.put({ ...claim, owner: 'y', expiresAt: 2000 }, 'free')).toBe(true);
    expect(await table.update({ key: 'b' }, { set: { owner: 'z' } })).toBe(true);
  });

  test('a limit counts items that live, however many others lie before them', async () => {
    const table = await open({ ...parcels, expires: 'endsAt' }, () => 5_000_000);
    for (let id = 10; id < 30; id += 1)
      await table.put({ ...parcel, id: `${id}`, endsAt: id < 28 ? 1 : 9000 });
    const found = await table.query({ partition: 'ann', limit: 2 });
    expect(found.map(({ id }) => id)).toEqual(['28', '29']);
  });

  test('scans every item', async () => {
    const table = await open(parcels);
    const big = 'x'.repeat(60_000);
    for (let id = 0; id < 40; id += 1) await table.put({ ...parcel, id: `${id}`, big });
    const ids = new Set();
    for await (const { id } of table.scan()) ids.add(id);
    expect(ids.size).toBe(40);
  });
});
