import { createProcessCache } from '../../../../lambda/shared/cache/process-cache';

/** Answers of a length, and the number of loads. */
function start(length: number, maxCharacters?: number) {
  const state = { loads: 0 };
  const load = async () => {
    state.loads += 1;
    return { body: 'x'.repeat(length) };
  };
  const cache = createProcessCache({ ttlMs: 60_000, entries: 1000 }, load, undefined, maxCharacters);
  return { cache, state };
}

test('large answers take no more memory than is allowed, and those used last stay', async () => {
  const { cache, state } = start(900, 10_500);
  const keys = Array.from({ length: 50 }, (_, n) => `${n}`);
  for (const key of keys) await cache.get(key);
  expect(keys.filter((key) => cache.peek(key))).toEqual(keys.slice(-10));
  await cache.get('49');
  expect(state.loads).toBe(50);
});

test('by default each cache takes 32 million characters, with what an entry takes besides', async () => {
  const { cache } = start(1024 * 1024);
  const keys = Array.from({ length: 40 }, (_, n) => `${n}`);
  for (const key of keys) await cache.get(key);
  expect(keys.filter((key) => cache.peek(key))).toHaveLength(31);
});

test('an answer that is larger than all the memory is given, and not kept', async () => {
  const { cache, state } = start(2000, 1000);
  expect((await cache.get('a')).body).toHaveLength(2000);
  expect((await cache.get('a', true)).body).toHaveLength(2000);
  expect(cache.peek('a')).toBeUndefined();
  expect(state.loads).toBe(2);
});
