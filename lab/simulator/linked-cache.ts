import { type Cache, CacheUnavailableError } from '../../lambda/shared/cache/cache';
import { type Host, LostError, type Network } from './network';

/** A cache as a process reaches it. */
export function linkedCache(cache: () => Cache, network: Network, host: Host): Cache {
  const call = async <Answer>(work: (cache: Cache) => Promise<Answer>): Promise<Answer> => {
    try {
      return await network.call(host, 'cache', () => work(cache()));
    } catch (error) {
      throw error instanceof LostError ? new CacheUnavailableError('no answer', { cause: error }) : error;
    }
  };
  return {
    get: (key) => call((to) => to.get(key)),
    put: (key, entry, ttlMs) => call((to) => to.put(key, entry, ttlMs)),
    expire: (versions) => call((to) => to.expire(versions)),
    lock: (key, ttlMs) => call((to) => to.lock(key, ttlMs)),
    unlock: (key) => call((to) => to.unlock(key)),
    close: async () => undefined,
  };
}
