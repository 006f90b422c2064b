import { type Cache, CacheUnavailableError, MAX_FILL_AGE_MS } from '../../../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import {
  createSharedLoader,
  type Loaded,
  type SharedLoaderOptions,
} from '../../../../lambda/shared/cache/shared-loader';
import { BusyError, createSemaphore } from '../../../../lambda/shared/runtime/semaphore';
import { type CacheServer, caches, silent } from './caches';

const MINUTE = 60_000;
const FRESH_MS = 10_000;
const policy = {
  strategies: ['cache-aside', 'write-through', 'refresh-ahead'],
  ttlMs: 60 * MINUTE,
  freshMs: FRESH_MS,
  refreshAfterMs: 48 * MINUTE,
} as const;

/** A database with one row, several processes that load it through one cache, and one clock for all. */
function world({ cache: given, ...more }: Partial<SharedLoaderOptions> = {}) {
  let now = Date.now();
  let trusted = now + 120 * MINUTE;
  const cache = given ?? createMemoryCache({ now: () => now });
  const row = { version: 1 };
  const loads: ((loaded?: Loaded) => void)[] = [];
  let held = false;

  const load = async (): Promise<Loaded> => {
    const read = { version: row.version, value: `version ${row.version}` };
    if (!held) return read;
    return new Promise((resolve) => loads.push((loaded = read) => resolve(loaded)));
  };
  const process = (options: Partial<SharedLoaderOptions> = {}) =>
    createSharedLoader({
      ...{ cache, name: 'product', policy, load, log: silent, now: () => now, random: () => 0.5 },
      ...{ limit: createSemaphore({ places: 4, waiting: 100 }), trustedSince: () => trusted },
      ...more,
      ...options,
    });
  return {
    ...{ cache, process, row, key: 'product:a' },
    pass: (ms: number) => {
      now += ms;
    },
    /** The repair has come to this time; before, it is ahead of all. */
    trust: (until: number) => {
      trusted = until;
    },
    now: () => now,
    /** Loads that begin from now on end when the test says so. */
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
    },
    begun: async (count: number) => {
      while (loads.length < count) await new Promise(setImmediate);
    },
    end: (n: number, loaded?: Loaded) => loads[n]?.(loaded),
  };
}

/** A cache that fails as long as the test wants. */
function failing(cache: Cache) {
  let fails = true;
  const through =
    <Arguments extends unknown[], Answer>(call: (...given: Arguments) => Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      if (fails) throw new CacheUnavailableError('The cache is not connected');
      return call(...given);
    };
  return {
    cache: {
      get: through(cache.get),
      put: through(cache.put),
      expire: through(cache.expire),
      lock: through(cache.lock),
      unlock: through(cache.unlock),
      close: cache.close,
    },
    fail: (wanted: boolean) => {
      fails = wanted;
    },
  };
}

describe('reads', () => {
  test('load once, and then come from the cache in every process', async () => {
    const { process, row } = world();
    const [first, second] = [process(), process()];
    expect(await first.get('a')).toMatchObject({ version: 1, value: 'version 1' });
    row.version = 2;
    expect(await second.get('a')).toMatchObject({ version: 1 });
    expect([first.stats(), second.stats()]).toMatchObject([
      { loads: 1, misses: 1, hits: 0 },
      { loads: 0, misses: 0, hits: 1 },
    ]);
  });

  test('are answered by the database where there is no cache', async () => {
    const { process, row } = world();
    const loader = process({ cache: undefined });
    expect(await loader.get('a')).toMatchObject({ version: 1 });
    row.version = 2;
    expect(await loader.get('a')).toMatchObject({ version: 2 });
    expect(await loader.reload('a')).toMatchObject({ version: 2 });
    expect(loader.stats()).toMatchObject({ loads: 3, unavailable: 0 });
  });

  test('keep kinds and epochs apart', async () => {
    const { process, row } = world();
    let epoch = 'e1:';
    const loader = process({ keyPrefix: () => epoch });
    await loader.get('a');
    row.version = 2;
    expect(await process({ name: 'list', keyPrefix: () => epoch }).get('a')).toMatchObject({ version: 2 });
    epoch = 'e2:';
    expect(await loader.get('a')).toMatchObject({ version: 2 });
  });

  test('leave no value of an epoch in the next one', async () => {
    const { process, row, hold, begun, end, release } = world();
    let epoch = 'e1:';
    const loader = process({ keyPrefix: () => epoch });
    hold();
    const slow = loader.get('a');
    await begun(1);
    epoch = 'e2:';
    row.version = 2;
    end(0);
    await slow;
    release();
    expect(await process({ keyPrefix: () => epoch }).get('a')).toMatchObject({ version: 2 });
  });

  test('fail as the load does, and the next one loads again', async () => {
    const { process } = world();
    const loads = [async () => Promise.reject(new Error('gone')), async () => ({ version: 1, value: 'x' })];
    const loader = process({ load: () => (loads.shift() as () => Promise<Loaded>)() });
    const both = await Promise.allSettled([loader.get('a'), loader.get('a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await loader.get('a')).toMatchObject({ value: 'x' });
  });

  test('live for their own time, a tenth longer or shorter', async () => {
    const lives: number[] = [];
    const { cache } = world();
    const spied = {
      ...cache,
      put: async (_key: string, _entry: unknown, ttlMs: number) => lives.push(ttlMs) > 0,
    };
    for (const random of [0, 0.5, 1]) {
      await world({ cache: spied, random: () => random })
        .process()
        .get('a');
      const load = async () => ({ version: 0, value: 'missing', ttlMs: 1000 });
      await world({ cache: spied, random: () => random, load })
        .process()
        .get('a');
    }
    expect(lives).toEqual([3_240_000, 900, 3_600_000, 1000, 3_960_000, 1100]);
  });
});

describe('a stampede', () => {
  test.each(caches())(
    'on one key makes a load in each of two processes at most: $name',
    async ({ start }) => {
      const server: CacheServer = await start();
      try {
        const { process, hold, begun, end, release } = world({ cache: await server.open(), now: Date.now });
        const loaders = [process(), process({ cache: await server.open() })];
        hold();
        const all = Array.from({ length: 256 }, (_, n) => loaders[n % 2]?.get('a'));
        await begun(1);
        release();
        end(0);
        expect(new Set((await Promise.all(all)).map((found) => found?.value))).toEqual(
          new Set(['version 1']),
        );
        const loads = loaders.map((loader) => loader.stats().loads);
        expect((loads[0] as number) + (loads[1] as number)).toBeLessThanOrEqual(2);
      } finally {
        await server.stop();
      }
    },
  );

  test('waits for the process that loads, and takes its value', async () => {
    const { process, hold, begun, end } = world();
    const [first, second] = [process(), process()];
    hold();
    const loading = first.get('a');
    await begun(1);
    const waiting = second.get('a');
    while (second.stats().waits === 0) await new Promise(setImmediate);
    end(0);
    expect(await waiting).toEqual(await loading);
    expect(second.stats()).toMatchObject({ loads: 0, waits: 1 });
  });

  test('does not wait for a process that died with its lock', async () => {
    const { process, cache } = world();
    await cache.lock('lock:product:a', 60 * MINUTE);
    const loader = process();
    expect(await loader.get('a')).toMatchObject({ version: 1 });
    expect(loader.stats()).toMatchObject({ loads: 1, waits: 1 });
  });

  test('waits for 300 ms after a load that failed, and then the next one loads at once', async () => {
    const { process, pass } = world();
    const failing = process({ load: () => Promise.reject(new Error('gone')) });
    const waits = async (key: string, ms: number) => {
      await expect(failing.get(key)).rejects.toThrow('gone');
      pass(ms);
      const loader = process();
      expect(await loader.get(key)).toMatchObject({ version: 1 });
      return loader.stats().waits;
    };
    expect([await waits('a', 299), await waits('b', 301)]).toEqual([1, 0]);
  });
});

describe('races', () => {
  test('fill after invalidation: a load from before the change is not kept', async () => {
    const { process, cache, key, row, hold, begun, end, release } = world();
    const reader = process();
    hold();
    const slow = reader.get('a');
    await begun(1);
    row.version = 2;
    await cache.expire(new Map([[key, 2]]));
    end(0);
    expect(await slow).toMatchObject({ version: 1 });
    release();
    expect(reader.stats()).toMatchObject({ refused: 1 });
    expect(await reader.get('a')).toMatchObject({ version: 2 });
  });

  test('two writers: the later change stays, whichever is stored first', async () => {
    const { process, cache, key, row, hold, begun, end, release } = world();
    const [early, late] = [process(), process()];
    row.version = 2;
    hold();
    const slow = early.reload('a');
    await begun(1);
    release();
    row.version = 3;
    expect(await late.reload('a')).toMatchObject({ version: 3 });
    end(0);
    expect(await slow).toMatchObject({ version: 3 });
    expect(early.stats()).toMatchObject({ refused: 1, overtaken: 1 });
    expect(await cache.get(key)).toMatchObject({ version: 3 });
  });

  test('a lost delete: an old value is used for as long as is promised, and no longer', async () => {
    const { process, row, trust, now, pass } = world();
    const loader = process();
    trust(now());
    await loader.get('a');
    row.version = 2;
    pass(FRESH_MS - 1);
    expect(await loader.get('a')).toMatchObject({ version: 1 });
    pass(1);
    expect(await loader.get('a')).toMatchObject({ version: 2 });
    expect(loader.stats()).toMatchObject({ hits: 1, untrusted: 1 });
  });

  test('a repair that goes on keeps values in use', async () => {
    const { process, row, trust, now, pass } = world();
    const loader = process();
    await loader.get('a');
    row.version = 2;
    pass(30 * MINUTE);
    trust(now() - FRESH_MS + 1);
    expect(await loader.get('a')).toMatchObject({ version: 1 });
    trust(now() - FRESH_MS);
    expect(await loader.get('a')).toMatchObject({ version: 2 });
  });

  test('an epoch that begins during a read does not vouch for an entry of the one before', async () => {
    const { cache, row, now, pass, trust, process } = world();
    let epoch = 'e1:';
    await process({ keyPrefix: () => epoch }).get('a');
    row.version = 2;
    pass(FRESH_MS);
    trust(now() - FRESH_MS);
    const get: Cache['get'] = async (key) => {
      const found = await cache.get(key);
      epoch = 'e2:';
      trust(now());
      return found;
    };
    const reader = process({ cache: { ...cache, get }, keyPrefix: () => epoch });
    expect(await reader.get('a')).toMatchObject({ version: 2 });
  });

  test('the cache failing during a write: what it kept is used for as long as is promised', async () => {
    const { cache, process, row, trust, now, pass } = world();
    const unreliable = failing(cache);
    const writer = process({ cache: unreliable.cache });
    trust(now());
    await process().get('a');
    row.version = 2;
    expect(await writer.reload('a')).toMatchObject({ version: 2 });
    expect(writer.stats()).toMatchObject({ unavailable: 2 });
    unreliable.fail(false);
    expect(await writer.get('a')).toMatchObject({ version: 1 });
    pass(FRESH_MS);
    expect(await writer.get('a')).toMatchObject({ version: 2 });
  });

  test.each([-20_000, 20_000])(
    'a writer whose clock is wrong by %i ms: its value is not kept, and neither is the one from before',
    async (wrongBy) => {
      const { cache, key, now, process, row } = world();
      const writer = process({ now: () => now() + wrongBy });
      await process().get('a');
      row.version = 2;
      expect(await writer.reload('a')).toMatchObject({ version: 2 });
      expect(await cache.get(key)).toBeUndefined();
      expect(await process().get('a')).toMatchObject({ version: 2 });
    },
  );

  test('a put that fails: the value from before the change is not kept', async () => {
    const { cache, key, process, row } = world();
    await process().get('a');
    row.version = 2;
    const put = () => Promise.reject(new CacheUnavailableError('The memory is full'));
    await process({ cache: { ...cache, put } }).reload('a');
    expect(await cache.get(key)).toBeUndefined();
  });

  test('a fill from a replica that says how late it is counts from then, and too late is not kept', async () => {
    const { cache, key, now, process } = world();
    const late = process({ stalenessMs: () => MAX_FILL_AGE_MS + 1 });
    expect(await late.get('a')).toMatchObject({ version: 1, loadedAt: now() - MAX_FILL_AGE_MS - 1 });
    expect(await cache.get(key)).toBeUndefined();
    expect(late.stats().refused).toBe(1);
    await process({ stalenessMs: () => 1000 }).get('a');
    expect(await cache.get(key)).toMatchObject({ loadedAt: now() - 1000 });
  });

  test('a fill from a replica that lags: it takes nobody back, and is not kept', async () => {
    const { process, cache, key, row } = world();
    const lagging = async () => ({ version: 1, value: 'version 1' });
    const [writer, reader] = [process(), process({ load: lagging })];
    row.version = 2;
    await writer.reload('a');
    expect(await reader.reload('a')).toMatchObject({ version: 2 });
    expect(reader.stats()).toMatchObject({ refused: 1, overtaken: 1 });
    await cache.expire(new Map([[key, 3]]));
    expect(await reader.get('a')).toMatchObject({ version: 1 });
    expect(await cache.get(key)).toBeUndefined();
  });

  test('a load that took too long is not kept', async () => {
    const { process, cache, key, hold, begun, end, pass } = world();
    const loader = process();
    hold();
    const slow = loader.get('a');
    await begun(1);
    pass(MAX_FILL_AGE_MS + 1);
    end(0);
    expect(await slow).toMatchObject({ version: 1 });
    expect(await cache.get(key)).toBeUndefined();
  });

  test('whoever reads after a change does not share a load from before it', async () => {
    const { process, row, hold, begun, end, release } = world();
    const loader = process();
    hold();
    const before = loader.get('a');
    await begun(1);
    row.version = 2;
    release();
    const changed = loader.reload('a');
    const after = loader.get('a');
    expect((await Promise.all([changed, after])).map(({ version }) => version)).toEqual([2, 2]);
    end(0);
    expect(await before).toMatchObject({ version: 2 });
  });

  test.each(['a', undefined])(
    'the same without a cache and a reload, when it is told to forget %p',
    async (key) => {
      const { process, row, hold, begun, end, release } = world();
      const loader = process({ cache: undefined });
      hold();
      const before = loader.get('a');
      await begun(1);
      row.version = 2;
      release();
      loader.forget(key);
      expect(await loader.get('a')).toMatchObject({ version: 2 });
      end(0);
      expect(await before).toMatchObject({ version: 1 });
    },
  );
});

describe('refresh-ahead', () => {
  test('loads anew in the background what is read shortly before its end, in one process', async () => {
    const { process, cache, key, row, pass } = world();
    const [first, second] = [process(), process()];
    await first.get('a');
    row.version = 2;
    pass(policy.refreshAfterMs - 1);
    await first.get('a');
    expect(first.stats()).toMatchObject({ refreshes: 0 });
    pass(1);
    const both = await Promise.all([first.get('a'), second.get('a'), first.get('a')]);
    expect(both.map(({ version }) => version)).toEqual([1, 1, 1]);
    while ((await cache.get(key))?.version !== 2) await new Promise(setImmediate);
    expect(first.stats().refreshes + second.stats().refreshes).toBe(1);
  });

  test('that fails leaves the value in use, and is tried again later', async () => {
    const { process, row, pass, cache, key } = world();
    let fails = true;
    const loader = process({
      load: async () => {
        if (fails && row.version === 2) throw new Error('gone');
        return { version: row.version, value: '' };
      },
    });
    await loader.get('a');
    row.version = 2;
    pass(policy.refreshAfterMs);
    await loader.get('a');
    while (loader.stats().loads < 2) await new Promise(setImmediate);
    expect(await loader.get('a')).toMatchObject({ version: 1 });
    fails = false;
    pass(1000);
    while ((await cache.get(key))?.version !== 2) await loader.get('a');
  });
});

describe('a cache that fails', () => {
  const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);

  /** A database that counts how much is asked of it at once. */
  function counted() {
    let [running, most] = [0, 0];
    return {
      load: async (): Promise<Loaded> => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        return { version: 1, value: '' };
      },
      most: () => most,
    };
  }

  test('leaves the answers to the database, a few at once, and one for each key', async () => {
    const { load, most } = counted();
    const { cache, fail } = failing(createMemoryCache());
    const loader = world({ cache, load }).process();
    await Promise.all([...keys, ...keys].map((key) => loader.get(key)));
    expect([loader.stats().loads, most()]).toEqual([keys.length, 4]);
    fail(false);
    await Promise.all([...keys, ...keys].map((key) => loader.get(key)));
    expect([loader.stats().loads, most()]).toEqual([2 * keys.length, 4]);
    await Promise.all(keys.map((key) => loader.get(key)));
    expect(loader.stats()).toMatchObject({ loads: 2 * keys.length, hits: keys.length });
  });

  test('makes those try again later that find too many before them', async () => {
    const { load, most } = counted();
    const { cache } = failing(createMemoryCache());
    const limit = createSemaphore({ places: 2, waiting: 10 });
    const loader = world({ cache, load, limit }).process();
    const answers = await Promise.allSettled(keys.map((key) => loader.get(key)));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
    expect(refused).toHaveLength(keys.length - 12);
    for (const reason of refused) expect(reason).toBeInstanceOf(BusyError);
    expect(most()).toBe(2);
  });

  test('is asked once for a read, and not for a lock or to store', async () => {
    const { cache } = failing(createMemoryCache());
    const loader = world({ cache }).process();
    await loader.get('a');
    expect(loader.stats()).toMatchObject({ loads: 1, unavailable: 1 });
  });
});
