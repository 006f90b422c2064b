import { LRUCache } from 'lru-cache';
import {
  type Cache,
  type CacheEntry,
  EXPIRED_FOR_MS,
  FINAL_VERSION,
  MAX_CLOCK_LEAD_MS,
  MAX_FILL_AGE_MS,
} from './cache';

/** An entry, or the mark that versions below it were expired. */
type Kept = CacheEntry | { readonly version: number; readonly loadedAt: 0; readonly value?: undefined };

const MAX_CHARACTERS = 64 * 1024 * 1024;
/** About what an entry takes besides its key and value. */
const OVERHEAD = 100;

export interface MemoryCacheOptions {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
  /** Beyond this, the entries that were used longest ago go. */
  readonly maxCharacters?: number;
}

/** For a shop that is one process, and for tests. It is never unavailable. */
export function createMemoryCache({
  now = Date.now,
  maxCharacters = MAX_CHARACTERS,
}: MemoryCacheOptions = {}): Cache {
  const clock = { perf: { now }, ttlResolution: 0 };
  const kept = new LRUCache<string, Kept>({
    ...clock,
    maxSize: maxCharacters,
    sizeCalculation: ({ value = '' }, key) => key.length + value.length + OVERHEAD,
  });
  const locks = new LRUCache<string, true>({ ...clock, ttl: 1, ttlAutopurge: false, max: 10_000 });

  return {
    get: async (key) => {
      const found = kept.get(key);
      return found?.value === undefined ? undefined : found;
    },
    put: async (key, entry, ttlMs) => {
      const age = now() - entry.loadedAt;
      const inTime = age <= MAX_FILL_AGE_MS && age >= -MAX_CLOCK_LEAD_MS;
      if (!inTime && entry.version !== FINAL_VERSION) return false;
      const there = kept.get(key);
      if (there && isNewer(there, entry)) return false;
      kept.set(key, { ...entry }, { ttl: ttlMs });
      return true;
    },
    expire: async (versions) => {
      for (const [key, version] of versions) {
        const there = kept.get(key);
        if (there && there.version >= version) continue;
        kept.set(key, { version, loadedAt: 0 }, { ttl: EXPIRED_FOR_MS });
      }
    },
    lock: async (key, ttlMs) => {
      if (locks.get(key)) return false;
      locks.set(key, true, { ttl: ttlMs });
      return true;
    },
    unlock: async (key) => {
      locks.delete(key);
    },
    close: async () => undefined,
  };
}

const isNewer = (there: Kept, entry: CacheEntry) =>
  there.version > entry.version || (there.version === entry.version && there.loadedAt > entry.loadedAt);
