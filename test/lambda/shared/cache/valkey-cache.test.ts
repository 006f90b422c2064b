import { randomUUID } from 'node:crypto';
import { type CacheEntry, CacheUnavailableError, FINAL_VERSION } from '../../../../lambda/shared/cache/cache';
import {
  openValkeyCache,
  type ValkeyCache,
  type ValkeyCacheOptions,
} from '../../../../lambda/shared/cache/valkey-cache';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { startTcpProxy } from '../../../support/tcp-proxy';
import { describeValkey, SHOP, startValkey, type ValkeyServer } from '../../../support/valkey';
import { attempt, opened, silent, until } from './caches';

const MINUTE = 60_000;
const entry = (version: number, value = `version ${version}`): CacheEntry => ({
  version,
  loadedAt: Date.now(),
  value,
});
const newKey = () => `test:${randomUUID()}`;

describeValkey('the cache in Valkey', () => {
  let server: ValkeyServer;
  let ends: (() => Promise<void>)[] = [];
  const open = async (options: Partial<ValkeyCacheOptions> = {}, url = server.url): Promise<ValkeyCache> => {
    const cache = await opened(url, options);
    ends.push(() => cache.close());
    return cache;
  };
  /** Of a server with other settings. */
  const start = async (...more: string[]): Promise<ValkeyServer> => {
    const another = await startValkey(...more);
    ends.push(() => another.stop());
    return another;
  };
  const proxied = async () => {
    const proxy = await startTcpProxy(server.port);
    ends.push(() => proxy.stop());
    return { ...proxy, url: server.url.replace(`:${server.port}`, `:${proxy.port}`) };
  };
  beforeAll(async () => {
    server = await startValkey();
  });
  afterEach(async () => {
    const all = ends.reverse();
    ends = [];
    for (const end of all) await end();
  });
  afterAll(() => server?.stop());

  /** Works again, by itself. */
  const recovered = (cache: ValkeyCache, key = newKey()) =>
    until(
      () => attempt(cache.put(key, entry(1), MINUTE)),
      (stored) => stored === true,
    );
  const connections = async (of = server) =>
    [...String(await of.admin('CLIENT', 'LIST')).matchAll(/^id=(\d+) .* user=shop /gm)].map(([, id]) => id);

  test('encrypts the way to the server, whose certificate it checks', async () => {
    const cache = await open({}, server.tlsUrl);
    expect(await cache.put(newKey(), entry(1), MINUTE)).toBe(true);
    const elsewhere = await open({}, server.tlsUrl.replace(/\?.*/, ''));
    await expect(elsewhere.get('a')).rejects.toThrow('not connected');
  });

  test('releases no lock that another process got meanwhile', async () => {
    const [slow, other, key] = [await open(), await open(), newKey()];
    await until(() => attempt(slow.lock(key, 1)), Boolean);
    await until(() => attempt(other.lock(key, MINUTE)), Boolean);
    await slow.unlock(key);
    expect(await slow.lock(key, MINUTE)).toBe(false);
    await other.unlock(key);
    expect(await slow.lock(key, MINUTE)).toBe(true);
  });

  test('answers no call while the server stands still, and soon asks it no more', async () => {
    const cache = await open({ timeoutMs: 30 });
    const key = newKey();
    await until(() => attempt(cache.put(key, entry(1), MINUTE)), Boolean);
    const before = await connections();
    server.freeze();
    try {
      for (const call of [cache.get(key), cache.put(key, entry(2), MINUTE), cache.lock('a', MINUTE)]) {
        await expect(call).rejects.toThrow(
          new CacheUnavailableError('The cache did not answer within 30 ms'),
        );
      }
      for (let n = 0; n < 100; n++) await expect(cache.get(key)).rejects.toThrow(CacheUnavailableError);
      expect(cache.stats().timeouts).toBeLessThan(10);
    } finally {
      server.thaw();
    }
    expect(await until(() => attempt(cache.get(key)), Boolean)).toMatchObject({ version: 2 });
    expect(await connections()).toEqual(before);
  });

  test('takes a pause of its own process for no failure of the server', async () => {
    const cache = await open({ timeoutMs: 50 });
    const key = newKey();
    await until(() => attempt(cache.put(key, entry(1), MINUTE)), Boolean);
    const { timeouts } = cache.stats();
    const asked = cache.get(key);
    await new Promise(setImmediate);
    for (const end = performance.now() + 200; performance.now() < end; );
    expect(await asked).toMatchObject({ version: 1 });
    expect(cache.stats().timeouts).toBe(timeouts);
  });

  test('fails at once while the server is gone, and goes on with the next one', async () => {
    const own = await start();
    const cache = await open({}, own.url);
    const key = newKey();
    await cache.put(key, entry(1), MINUTE);
    const underWay = cache.get(key);
    await own.kill();
    await attempt(underWay);
    await until(
      () => cache.get(key).then(String, (error: Error) => error.message),
      (said) => said === 'The cache is not connected',
    );
    await own.restart();
    await recovered(cache);
    expect(await cache.get(key)).toBeUndefined();
  });

  test('opens without a server, and uses it when it comes', async () => {
    const own = await start();
    await own.kill();
    const cache = await open({}, own.url);
    await expect(cache.get('a')).rejects.toThrow('not connected');
    await own.restart();
    await recovered(cache);
  });

  test('reads and removes while the memory is full, and stores again when there is room', async () => {
    const own = await start('maxmemory 5mb', 'maxmemory-policy noeviction');
    const cache = await open({}, own.url);
    const large = 'x'.repeat(200_000);
    const stored: string[] = [];
    const fillUp = async () => {
      for (;;) {
        const key = newKey();
        await cache.put(key, entry(1, large), MINUTE);
        stored.push(key);
      }
    };
    await expect(fillUp()).rejects.toThrow(/OOM/);
    const [first = '', second = ''] = stored;
    expect(await cache.get(first)).toMatchObject({ version: 1, value: large });
    await cache.expire(new Map([[first, 2]]));
    expect([await cache.get(first), await cache.get(second)]).toEqual([undefined, expect.anything()]);
    const ended = { version: FINAL_VERSION, loadedAt: Date.now(), value: '' };
    await own.admin('CONFIG', 'SET', 'maxmemory', '1kb');
    expect(await cache.put(second, ended, MINUTE)).toBe(true);
    expect(await cache.get(second)).toMatchObject({ version: FINAL_VERSION });
    await own.admin('CONFIG', 'SET', 'maxmemory', '0');
    expect(await cache.put(first, entry(2), MINUTE)).toBe(true);
  });

  test('stores on while the memory is full where the server may evict', async () => {
    const own = await start('maxmemory 5mb', 'maxmemory-policy allkeys-lru');
    const cache = await open({}, own.url);
    const keys = Array.from({ length: 60 }, newKey);
    for (const key of keys) expect(await cache.put(key, entry(1, 'x'.repeat(200_000)), MINUTE)).toBe(true);
    const found = await Promise.all(keys.map((key) => cache.get(key)));
    const left = found.filter(Boolean).length;
    expect([left > 0, left < keys.length]).toEqual([true, true]);
  });

  test('logs in with the new password after a change that cut all connections', async () => {
    const own = await start();
    let { password } = SHOP as { password: string };
    const target = {
      ...{ host: '127.0.0.1', port: own.port },
      credentials: async () => ({ username: SHOP.username, password }),
    };
    const cache = await openValkeyCache(target, { log: silent, timeoutMs: 2000 });
    ends.push(() => cache.close());
    await recovered(cache);
    await own.admin('ACL', 'SETUSER', SHOP.username, 'resetpass', '>changed');
    await own.admin('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await until(
      () => cache.get('a').then(String, (error: Error) => error.message),
      (said) => said === 'The cache is not connected',
    );
    password = 'changed';
    await recovered(cache);
  });

  test('survives credentials that cannot be had', async () => {
    let asked = 0;
    const credentials = async () => {
      asked += 1;
      if (asked < 4) throw new Error('no role');
      return SHOP;
    };
    const cache = await openValkeyCache(
      { host: '127.0.0.1', port: server.port, credentials },
      { log: silent, timeoutMs: 2000 },
    );
    ends.push(() => cache.close());
    await recovered(cache);
    expect(asked).toBe(4);
  });

  test('replaces its connection again and again, and no call notices', async () => {
    const cache = await open({ lifeMs: { shortest: 20, longest: 40 } });
    const key = newKey();
    await cache.put(key, entry(1), MINUTE);
    const seen = new Set<string | undefined>();
    while (seen.size < 4) {
      for (let n = 0; n < 50; n++) expect(await cache.get(key)).toMatchObject({ version: 1 });
      for (const id of await connections()) seen.add(id);
    }
    expect(cache.stats()).toEqual({ timeouts: 0, failures: 0, nonsense: 0 });
    await cache.close();
    await until(connections, (left) => left.length === 0);
  });

  test('gives up connecting to a server that stands still, and connects when it goes on', async () => {
    const own = await start();
    own.freeze();
    try {
      const cache = await open({}, own.url);
      await expect(cache.get('a')).rejects.toThrow('not connected');
      own.thaw();
      await recovered(cache);
      await until(
        () => connections(own),
        (left) => left.length === 1,
      );
    } finally {
      own.thaw();
    }
  });

  test('leaves a server that became a replica', async () => {
    const own = await start();
    const cache = await open({}, own.url);
    await recovered(cache);
    const [before] = await connections(own);
    await own.admin('REPLICAOF', '127.0.0.1', '1');
    await expect(cache.put(newKey(), entry(1), MINUTE)).rejects.toThrow('READONLY');
    await until(
      () => connections(own),
      ([now]) => now !== undefined && now !== before,
    );
    await own.admin('REPLICAOF', 'NO', 'ONE');
    await recovered(cache);
  });

  const NONSENSE: Record<string, readonly string[]> = {
    'no value of ours': ['SET', 'KEY', 'rubbish'],
    'an empty value': ['SET', 'KEY', ''],
    'half a head': ['SET', 'KEY', '1 2'],
    'a version that is none': ['SET', 'KEY', 'new 1 KEY\nx'],
    'a list': ['RPUSH', 'KEY', '1', '2'],
    'a hash': ['HSET', 'KEY', '1', '2'],
  };
  test.each(Object.entries(NONSENSE))('counts %s as a miss, and replaces it', async (_what, command) => {
    const cache = await open();
    const key = newKey();
    await server.admin(...command.map((word) => word.replace('KEY', key)));
    expect(await cache.get(key)).toBeUndefined();
    expect(cache.stats().nonsense).toBe(1);
    await cache.expire(new Map([[key, 1]]));
    expect(await cache.put(key, entry(1), MINUTE)).toBe(true);
    expect(await cache.get(key)).toMatchObject({ version: 1 });
  });

  test('writes no key into the log: it may be a search, or name a session', async () => {
    const lines: string[] = [];
    const log = createLog({ write: (line: string) => void lines.push(line) });
    const keys = ['session:0f0f-secret', 'products:{"q":"secret"}', 'Epoch_-1:product:secret', 'secret'];
    for (const key of keys) {
      // The first of its kind is logged.
      const cache = await open({ log });
      await server.admin('SET', key, `1 ${Date.now()} another\nsecret`);
      expect(await cache.get(key)).toBeUndefined();
    }
    const kinds = lines.flatMap((line) => /"kind":"([^"]*)"/.exec(line)?.[1] ?? []);
    expect(kinds).toEqual(['session', 'products', 'product', 'another kind']);
    expect(lines.join()).not.toContain('secret');
  });

  test('never hands out the value of another key, and then opens another connection', async () => {
    const cache = await open();
    const [mine, theirs] = [newKey(), newKey()];
    await server.admin('SET', mine, `1 ${Date.now()} ${theirs}\nsecret`);
    const [before] = await connections();
    expect(await cache.get(mine)).toBeUndefined();
    await until(connections, ([now]) => now !== undefined && now !== before);
    await recovered(cache);
  });

  const RUBBISH: Record<string, (bytes: Buffer) => Buffer | undefined> = {
    'bytes without sense': () => Buffer.from('<html>502</html>\r\n'),
    'one answer too many': (bytes) => Buffer.concat([bytes, bytes]),
    'answers that never end': (bytes) => Buffer.concat([Buffer.from('*3\r\n$1000000\r\n'), bytes]),
    'the same word to everything': () => Buffer.from('+OK\r\n'),
    'errors to everything': () => Buffer.from('-ERR internal\r\n'),
    nothing: () => undefined,
  };
  test.each(Object.entries(RUBBISH))('survives a server that answers %s', async (_what, rubbish) => {
    const { answer, url } = await proxied();
    const cache = await open({ timeoutMs: 100, muteMs: 300 }, url);
    const key = newKey();
    const mine = entry(1);
    await until(() => attempt(cache.put(key, mine, MINUTE)), Boolean);
    answer(rubbish);
    for (let n = 0; n < 5; n++) {
      const found = await attempt(cache.get(key));
      if (found) expect(found).toEqual(mine);
      await attempt(cache.lock(key, MINUTE));
    }
    answer((bytes) => bytes);
    expect(await until(() => attempt(cache.get(key)), Boolean)).toEqual(mine);
  });

  test('fails every call after it was closed', async () => {
    const cache = await open();
    const underWay = cache.get('a');
    await cache.close();
    await attempt(underWay);
    await expect(cache.get('a')).rejects.toThrow(CacheUnavailableError);
    await cache.close();
  });
});
