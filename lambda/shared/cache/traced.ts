import { span } from '../runtime/trace';
import type { Cache } from './cache';

/** The same cache; its commands are spans of the requests that wait for them, without keys, which can be searches. */
export function tracedCache(cache: Cache): Cache {
  return {
    ...cache,
    get: (key) => span('cache get', () => cache.get(key)),
    put: (key, entry, ttlMs) => span('cache put', () => cache.put(key, entry, ttlMs)),
    expire: (versions) => span('cache expire', () => cache.expire(versions)),
    lock: (key, ttlMs) => span('cache lock', () => cache.lock(key, ttlMs)),
  };
}
