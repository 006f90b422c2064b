import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createShop } from '../../../lambda/hosts/shop';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import type { Cache } from '../../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../../lambda/shared/cache/memory-cache';
import { createLog } from '../../../lambda/shared/runtime/log';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { usersMigrations } from '../../../lambda/users/migrations';
import { accessString, keysOf } from '../../../lib/data/cache-access';
import { MUG } from '../../lambda/inventory/shop';
import { cleanup } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { eventually } from '../../support/until';
import { describeValkey, startValkey } from '../../support/valkey';

/** The keys of a shop that reads, sells and logs in, from the code that makes them. */
async function usedKeys(): Promise<Set<string>> {
  const [engine] = engines() as [ReturnType<typeof engines>[number]];
  const [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
  cleanup(async () => {
    await Promise.all([usersSql.close(), inventorySql.close()]);
  });
  await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
  const keys = new Set<string>();
  const cache = noting(createMemoryCache(), keys);
  const shop = createShop({
    usersSql,
    inventorySql,
    blobs: await openBlobs(`file:${mkdtempSync(join(tmpdir(), 'shop-keys-'))}`),
    cache,
    sessionCopies: { cache, access: 'use' },
    clientIp: () => '192.0.2.1',
    log: createLog({ write: () => undefined }),
  });
  cleanup(shop.background());
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await shop.fetch(new Request(`http://shop.example${path}`, init), {} as HttpBindings);
    // biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
    return (await answer.json()) as any;
  };
  const post = (path: string, body: object) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const account = { email: 'keys@example.com', password: 'correct horse battery' };
  await post('/api/users', { ...account, name: 'Key' });
  const { token } = await post('/api/sessions', account);
  await ask('/api/users/me', { headers: { authorization: `Bearer ${token}` } });
  const { items } = await ask('/api/products?q=mug');
  expect(items).toEqual([]);
  await ask('/api/categories');
  const { product } = await shop.inventory.catalog.create(MUG);
  // The relay begins an epoch when somebody has read, and from then on it is in front of keys.
  await eventually(async () => {
    await ask(`/api/products/${product.id}`);
    expect([...keys].filter((key) => /^[^:]+:product:/.test(key))).not.toEqual([]);
  });
  return keys;
}

/** The first argument of each method is a key, or a map by keys. */
const noting = (cache: Cache, keys: Set<string>): Cache =>
  new Proxy(cache, {
    get:
      (target, name: keyof Cache) =>
      (first: string | ReadonlyMap<string, number>, ...rest: never[]) => {
        for (const key of typeof first === 'string' ? [first] : (first?.keys() ?? [])) keys.add(key);
        return (target[name] as (...all: unknown[]) => unknown)(first, ...rest);
      },
  });

const clients = {
  users: { service: 'users', access: 'write' },
  read: { service: 'inventory', access: 'read' },
  write: { service: 'inventory', access: 'write' },
} as const;

describeValkey('users of the cache, by its own rules', () => {
  test('F1: each key that the shop uses is open to one service; the other one reads sessions at most', async () => {
    const server = await startValkey();
    cleanup(() => server.stop());
    for (const [name, client] of Object.entries(clients))
      await server.admin('ACL', 'SETUSER', name, ...accessString(client).split(' '), 'nopass');
    const may = async (user: string, ...command: string[]) =>
      (await server.admin('ACL', 'DRYRUN', user, ...command)) === 'OK';
    const kinds = new Set<string>();
    for (const key of await usedKeys()) {
      const isSession = key.startsWith('session:');
      kinds.add(isSession ? 'users' : 'inventory');
      const allowed = async (user: string) => [await may(user, 'GET', key), await may(user, 'SET', key, '')];
      expect([key, await allowed('users')]).toEqual([key, [isSession, isSession]]);
      expect([key, await allowed('read')]).toEqual([key, [true, !isSession]]);
      expect([key, await allowed('write')]).toEqual([key, [!isSession, !isSession]]);
    }
    expect(kinds).toEqual(new Set(Object.keys(keysOf)));
  });
});
