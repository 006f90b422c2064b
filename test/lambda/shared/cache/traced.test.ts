import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { tracedCache } from '../../../../lambda/shared/cache/traced';
import { inTrace, type Trace } from '../../../../lambda/shared/runtime/trace';

it('is the same cache; its commands are spans without keys, which can be searches', async () => {
  const cache = tracedCache(createMemoryCache());
  const trace: Trace = {
    ...{ requestId: 'request-1', traceId: 'a'.repeat(32), sampled: true, startedAt: performance.now() },
    spans: [],
  };
  const entry = { version: 1, loadedAt: Date.now(), value: 'tea' };
  const found = await inTrace(trace, async () => {
    await cache.put('search:tea', entry, 1000);
    return cache.get('search:tea');
  });
  expect(found).toEqual(entry);
  expect(trace.spans.map(({ name }) => name)).toEqual(['cache put', 'cache get']);
  expect(await cache.lock('search:tea', 1000)).toBe(true);
  await cache.unlock('search:tea');
  await cache.expire(new Map([['search:tea', 2]]));
  expect(await cache.get('search:tea')).toBeUndefined();
});
