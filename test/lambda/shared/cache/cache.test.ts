import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import {
  type Cache,
  type CacheEntry,
  FINAL_VERSION,
  MAX_CLOCK_LEAD_MS,
  MAX_FILL_AGE_MS,
} from '../../../../lambda/shared/cache/cache';
import { type CacheServer, caches, until } from './caches';

const MINUTE = 60_000;

describe.each(caches())('a cache: $name', ({ start }) => {
  let server: CacheServer;
  let cache: Cache;
  let other: Cache;
  beforeAll(async () => {
    server = await start();
    [cache, other] = [await server.open(), await server.open()];
  });
  afterAll(() => server?.stop());

  const entry = (version: number, facts: Partial<CacheEntry> = {}): CacheEntry => ({
    version,
    loadedAt: Date.now(),
    value: `version ${version}`,
    ...facts,
  });
  const newKey = () => `test:${randomUUID()}`;

  test('gives to every process what one has put, byte for byte', async () => {
    const [key, kept] = [newKey(), entry(1, { value: '{"näme":"Ünï 🫖\\n"}\nline\n' })];
    expect(await cache.get(key)).toBeUndefined();
    expect(await cache.put(key, kept, MINUTE)).toBe(true);
    expect([await cache.get(key), await other.get(key)]).toEqual([kept, kept]);
  });

  test('keeps empty values, long ones, and those of keys with spaces and line feeds', async () => {
    for (const value of ['', 'x'.repeat(300_000)]) {
      for (const key of [newKey(), `${newKey()} "a b"`, `${newKey()}\nb`, `${newKey()} 1 2 `]) {
        const kept = entry(1, { value });
        await cache.put(key, kept, MINUTE);
        expect(await other.get(key)).toEqual(kept);
      }
    }
  });

  test('replaces an old version, and refuses it afterwards', async () => {
    const key = newKey();
    const [old, newer] = [entry(1), entry(2)];
    expect(await cache.put(key, old, MINUTE)).toBe(true);
    expect(await other.put(key, newer, MINUTE)).toBe(true);
    expect(await cache.put(key, old, MINUTE)).toBe(false);
    expect(await cache.get(key)).toEqual(newer);
  });

  test('of one version, keeps what was loaded last', async () => {
    const key = newKey();
    const [early, late] = [entry(0, { loadedAt: Date.now() - 1000 }), entry(0)];
    expect(await cache.put(key, late, MINUTE)).toBe(true);
    expect(await cache.put(key, early, MINUTE)).toBe(false);
    expect(await cache.put(key, late, MINUTE)).toBe(true);
    expect(await cache.get(key)).toEqual(late);
  });

  test('compares the largest versions exactly', async () => {
    const key = newKey();
    const large = entry(FINAL_VERSION - 1);
    expect(await cache.put(key, large, MINUTE)).toBe(true);
    expect(await cache.put(key, entry(FINAL_VERSION - 2), MINUTE)).toBe(false);
    expect(await cache.get(key)).toEqual(large);
  });

  test('refuses what was long under way, and what claims to come from the future', async () => {
    const key = newKey();
    const loadedAt = (ms: number) => entry(1, { loadedAt: Date.now() + ms });
    expect(await cache.put(key, loadedAt(-MAX_FILL_AGE_MS - 1), MINUTE)).toBe(false);
    expect(await cache.put(key, loadedAt(MAX_CLOCK_LEAD_MS + MINUTE), MINUTE)).toBe(false);
    expect(await cache.get(key)).toBeUndefined();
  });

  test('expires what is older, and nothing else', async () => {
    const [older, same, newer] = [newKey(), newKey(), newKey()];
    await cache.put(older, entry(4), MINUTE);
    await cache.put(same, entry(5), MINUTE);
    await cache.put(newer, entry(6), MINUTE);
    await other.expire(new Map([older, same, newer].map((key) => [key, 5])));
    expect([await cache.get(older), await cache.get(same), await cache.get(newer)]).toEqual([
      undefined,
      expect.objectContaining({ version: 5 }),
      expect.objectContaining({ version: 6 }),
    ]);
  });

  test('after an expiry refuses the versions before it, also where nothing was', async () => {
    const [was, empty] = [newKey(), newKey()];
    await cache.put(was, entry(1), MINUTE);
    await cache.expire(new Map([was, empty].map((key) => [key, 2])));
    for (const key of [was, empty]) {
      expect(await cache.put(key, entry(1), MINUTE)).toBe(false);
      expect(await cache.get(key)).toBeUndefined();
      expect(await cache.put(key, entry(2), MINUTE)).toBe(true);
      expect(await cache.get(key)).toMatchObject({ version: 2 });
    }
  });

  test('expires thousands at once, or none', async () => {
    const keys = Array.from({ length: 1200 }, newKey);
    for (const key of keys) await cache.put(key, entry(1), MINUTE);
    await cache.expire(new Map());
    await cache.expire(new Map(keys.map((key) => [key, 2])));
    for (const key of keys) expect(await cache.get(key)).toBeUndefined();
  });

  test('lets nothing replace the mark that something has ended, which comes at any time', async () => {
    const key = newKey();
    const ended = entry(FINAL_VERSION, { value: '', loadedAt: Date.now() - MINUTE });
    await cache.put(key, entry(7), MINUTE);
    expect(await cache.put(key, ended, MINUTE)).toBe(true);
    expect(await other.put(key, entry(8), MINUTE)).toBe(false);
    await other.expire(new Map([[key, 9]]));
    expect(await cache.get(key)).toEqual(ended);
  });

  test('forgets an entry after its time', async () => {
    const key = newKey();
    await cache.put(key, entry(2), 20);
    await until(
      () => cache.get(key),
      (found) => found === undefined,
    );
    expect(await cache.put(key, entry(1), MINUTE)).toBe(true);
  });

  test('gives a lock to one of many, until it is released or its time is over', async () => {
    const key = newKey();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? cache : other).lock(key, MINUTE)),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
    await Promise.all([cache.unlock(key), other.unlock(key)]);
    expect(await other.lock(key, 20)).toBe(true);
    await until(() => cache.lock(key, MINUTE), Boolean);
  });

  test('never goes back, and ends with the newest version in whatever order changes arrive', async () => {
    const change = fc.oneof(fc.record({ put: fc.nat(5), age: fc.nat(3) }), fc.record({ expire: fc.nat(5) }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        async (changes, sides) => {
          const key = newKey();
          const now = Date.now();
          const through = () => (sides.next().value ? cache : other);
          const puts: CacheEntry[] = [];
          const reading = (async () => {
            const versions: number[] = [];
            for (const _ of changes) versions.push((await other.get(key))?.version ?? -1);
            return versions.filter((version) => version >= 0);
          })();
          await Promise.all(
            changes.map((made) => {
              if ('expire' in made) return through().expire(new Map([[key, made.expire]]));
              const { put: version, age } = made;
              const put = { version, loadedAt: now - age, value: `${version} ${now - age}` };
              puts.push(put);
              return through().put(key, put, MINUTE);
            }),
          );
          const seen = await reading;
          expect(seen).toEqual(seen.toSorted((a, b) => a - b));
          const newest = puts.sort((a, b) => b.version - a.version || b.loadedAt - a.loadedAt)[0];
          const expired = Math.max(-1, ...changes.map((made) => ('expire' in made ? made.expire : -1)));
          expect(await cache.get(key)).toEqual(newest && newest.version >= expired ? newest : undefined);
        },
      ),
    );
  });
});
