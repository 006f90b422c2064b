import { readState } from '../../../../lambda/inventory/catalog/cache-state';
import { sharedKey } from '../../../../lambda/inventory/catalog/response-cache';
import { createCatalog } from '../../../../lambda/inventory/catalog/service';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { type Cache, MAX_FILL_AGE_MS } from '../../../../lambda/shared/cache/cache';
import { REPAIR } from '../../../../lambda/shared/cache/cache-policy';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';
import { MUG } from '../shop';
import { type Process, startProcess } from './processes';

describe.each(engines())('the repair of the shared cache on $name', (engine) => {
  let sql: Sql;
  let time: number;
  let cache: Cache;
  let reader: Process;
  let writer: Process;
  const now = () => time;
  const start = () => startProcess(sql, cache, { now, ticks: now });
  beforeAll(async () => {
    sql = await engine.open('relay');
    await migrate(sql, inventoryMigrations);
  });
  beforeEach(() => {
    time = Date.now();
    cache = createMemoryCache({ now });
    [reader, writer] = [start(), start()];
  });

  const newProduct = async () => {
    const catalog = createCatalog({ sql, now, changed: async () => undefined });
    return (await catalog.create(MUG)).product.id;
  };
  const pass = (ms: number) => {
    time += ms;
  };
  const state = () => readState(cache, now());
  /** Past the copies of the process. */
  const readAfterASecond = (id: string) => {
    pass(1001);
    return reader.read(id);
  };
  /** An epoch in which the product is in the cache. */
  const begin = async (id: string) => {
    await reader.read(id);
    await writer.relay();
    await readAfterASecond(id);
  };

  test('begins an epoch once somebody reads, and not before', async () => {
    const id = await newProduct();
    await writer.receive(id);
    await writer.relay();
    expect(await state()).toBeUndefined();
    await reader.read(id);
    pass(1000);
    await writer.relay();
    expect(await state()).toEqual({
      epoch: expect.stringMatching(/^[\w-]{8}$/),
      watermark: time - MAX_FILL_AGE_MS,
    });
  });

  test('begins none for a read of ten seconds ago, which an older release may have forgotten', async () => {
    const id = await newProduct();
    await reader.read(id);
    pass(10_001);
    await writer.relay();
    expect(await state()).toBeUndefined();
  });

  test('removes what a process changed that ended before it wrote it through', async () => {
    const id = await newProduct();
    await begin(id);
    await writer.receiveAndDie(id);
    expect(await readAfterASecond(id)).toBe(0);
    await writer.relay();
    expect(await readAfterASecond(id)).toBe(1);
  });

  test('finds a change whose commit took as long as a statement may, under the time stamp of its beginning', async () => {
    const id = await newProduct();
    await begin(id);
    const stamp = time;
    for (let second = 0; second < 11; second++) {
      pass(1000);
      await writer.relay();
    }
    await writer.receiveAndDie(id, stamp);
    pass(1000);
    await writer.relay();
    expect(await readAfterASecond(id)).toBe(1);
  });

  test('lets readers live on what is in the cache while it goes on, and no longer than the bound when it ends', async () => {
    const id = await newProduct();
    await begin(id);
    for (let second = 0; second < 60; second++) {
      await writer.relay();
      await readAfterASecond(id);
    }
    expect(reader.responses.stats()).toMatchObject({ untrusted: 0, loads: 2 });
    await writer.receiveAndDie(id);
    for (let second = 0; second < 11; second++) await readAfterASecond(id);
    expect(await readAfterASecond(id)).toBe(1);
  });

  test('of a writer that is cut off, that of another process repairs the changes', async () => {
    const id = await newProduct();
    await begin(id);
    writer.cut = true;
    await writer.receive(id);
    expect(await readAfterASecond(id)).toBe(0);
    await start().relay();
    expect(await readAfterASecond(id)).toBe(1);
  });

  test('begins another epoch after a minute without any, and everything before is forgotten', async () => {
    const id = await newProduct();
    await begin(id);
    const before = await state();
    pass(REPAIR.giveUpAfterMs + 1000);
    await reader.read(id);
    await writer.relay();
    const after = await state();
    expect(after?.epoch).not.toBe(before?.epoch);
    expect(await cache.get(sharedKey(after?.epoch ?? '', id))).toBeUndefined();
    expect(await cache.get(sharedKey(before?.epoch ?? '', id))).toBeDefined();
  });

  test('of two processes that do it at the same time does no harm: one epoch is left', async () => {
    const id = await newProduct();
    await reader.read(id);
    const unlocked: Cache = { ...cache, lock: async () => true };
    const others = [1, 2, 3].map(() => startProcess(sql, unlocked, { now, ticks: now }));
    await Promise.all(others.map((other) => other.relay()));
    const first = await state();
    for (let second = 0; second < 5; second++) {
      pass(1000);
      await Promise.all(others.map((other) => other.relay()));
    }
    expect(await state()).toEqual({ epoch: first?.epoch, watermark: time - MAX_FILL_AGE_MS });
  });

  test('is done once a second, however many processes there are', async () => {
    const id = await newProduct();
    await begin(id);
    const others = [1, 2, 3, 4].map(start);
    pass(1000);
    await Promise.all(others.map((other) => other.relay()));
    expect(others.map(({ queries }) => queries).sort()).toEqual([0, 0, 0, 1]);
  });

  test('that fails half-way does not say that it is done', async () => {
    const id = await newProduct();
    await begin(id);
    const before = await state();
    pass(1000);
    await writer.receiveAndDie(id);
    const expiring = { ...cache, expire: () => Promise.reject(new Error('lost')) };
    await expect(startProcess(sql, expiring, { now, ticks: now }).relay()).rejects.toThrow('lost');
    expect(await state()).toEqual(before);
  });
});
