import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { readState } from '../../../lambda/inventory/catalog/cache-state';
import type { CachedResponse } from '../../../lambda/inventory/catalog/cached-response';
import { createInventory, type Role } from '../../../lambda/inventory/service';
import { auditStock } from '../../../lambda/inventory/stock/stock-audit';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { createMemoryCache } from '../../../lambda/shared/cache/memory-cache';
import { SYSTEM_CLOCKS } from '../../../lambda/shared/runtime/clocks';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { countingChanges } from '../../support/changes';
import { engines } from '../../support/engines';

import { startProcess } from './catalog/processes';
import { customer, json, openShop, type Shop } from './shop';

const ME = customer(1);
const SOMEBODY = customer(2);
/** All but `setTimeout`. */
const OTHER_TIMERS = [
  ...['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask'],
  ...['setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'],
] as const;

describe.each(engines())('the inventory service on $name', (engine) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });
  afterEach(() => jest.useRealTimers());

  test('forgets a user with a long history a few rows at a time, and gives back what they hold', async () => {
    const id = await shop.add({}, 9);
    await json(shop.reserve(ME, { [id]: 2 }), 201);
    await json(shop.reserve(SOMEBODY, { [id]: 1 }), 201);
    for (let n = 0; n < 300; n++) {
      const old = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
      await shop.sql.execute(
        `INSERT INTO reservations (id, user_id, status, created_at, expires_at) VALUES (?, ?, 'confirmed', 0, 0)`,
        [old, ME],
      );
    }
    const counting = countingChanges(shop.sql);
    const service = createInventory({
      createPhotoWorker: createThumbnailWorker,
      sql: counting.sql,
      identify: async () => undefined,
      blobs: {} as Blobs,
      log: pino({ level: 'silent' }),
      now: () => shop.clock.now,
    });
    await service.forgetUser(ME);
    const users = await shop.sql.query('SELECT DISTINCT user_id FROM reservations WHERE user_id IS NOT NULL');
    expect(users).toEqual([{ user_id: SOMEBODY }]);
    expect(await shop.stock.of(id)).toEqual({ onHand: 9, reserved: 1, available: 8 });
    expect(await auditStock(shop.sql)).toEqual([]);
    expect(Math.max(...counting.changes)).toBeLessThanOrEqual(128);
  });

  test('has every change in the shared cache when it is answered', async () => {
    // Clocks stand still: what is in the cache is fresh for some seconds, and an answer waits for it for milliseconds.
    jest.useFakeTimers({ doNotFake: [...OTHER_TIMERS] });
    const moment = Date.now();
    const now = () => moment;
    const cache = createMemoryCache({ now });
    const writer = await openShop(engine, { cache, now });
    const seen = async (id: string) => {
      const reader = startProcess(writer.sql, cache, { now, ticks: now });
      const answer = (await reader.responses.product(id)) as CachedResponse;
      const { name, available } = JSON.parse(answer.body);
      return [name, available, reader.queries];
    };
    const id = await writer.add();
    expect(await seen(id)).toEqual(['Coffee mug', 0, 0]);
    await writer.stock.write(id, { kind: 'received', quantity: 9, reason: null }, ME, 'key-00000001');
    expect(await seen(id)).toEqual(['Coffee mug', 9, 0]);
    const reserve = async () => (await json<{ id: string }>(writer.reserve(ME, { [id]: 2 }), 201)).id;
    const held = await reserve();
    expect(await seen(id)).toEqual(['Coffee mug', 7, 0]);
    await writer.ask('POST', `/api/reservations/${held}/release`, { as: ME });
    expect(await seen(id)).toEqual(['Coffee mug', 9, 0]);
    await writer.ask('POST', `/api/reservations/${await reserve()}/confirm`, { as: ME });
    expect(await seen(id)).toEqual(['Coffee mug', 7, 0]);
    await reserve();
    await writer.forgetUser(ME);
    expect(await seen(id)).toEqual(['Coffee mug', 7, 0]);
    await writer.catalog.edit(id, () => true, { name: 'Cup' });
    expect(await seen(id)).toEqual(['Cup', 7, 0]);
  });

  test('repairs the cache beside writes and learns ids beside reads, each in the role that does them', async () => {
    const cache = createMemoryCache();
    const now = Date.now;
    const reader = startProcess(shop.sql, cache, SYSTEM_CLOCKS);
    const statements: string[] = [];
    const query: Sql['query'] = (statement, values) => {
      statements.push(statement);
      return shop.sql.query(statement, values);
    };
    const ofRole = async (role: Role, isDone: () => Promise<unknown>) => {
      statements.length = 0;
      const service = createInventory({
        createPhotoWorker: createThumbnailWorker,
        sql: { ...shop.sql, query },
        identify: async () => undefined,
        blobs: {} as Blobs,
        log: pino({ level: 'silent' }),
        cache,
      });
      const stop = service.background(role);
      while (!(await isDone())) await sleep(20);
      await stop();
    };
    const walked = async () =>
      statements.some((statement) => statement.includes('FROM stock /*! FORCE INDEX (PRIMARY)'));
    await reader.read(await shop.add());
    await ofRole('read', walked);
    expect(await readState(cache, now())).toBeUndefined();
    await ofRole('write', () => readState(cache, now()));
    expect(await walked()).toBe(false);
  });
});
