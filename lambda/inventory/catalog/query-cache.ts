import { LRUCache } from 'lru-cache';
import type { Cache } from '../../shared/cache/cache';
import { CACHE_POLICY } from '../../shared/cache/cache-policy';
import { createProcessCache } from '../../shared/cache/process-cache';
import { createSharedLoader, type Loaded, type SharedLoader } from '../../shared/cache/shared-loader';
import type { Clocks } from '../../shared/runtime/clocks';
import type { Logger } from '../../shared/runtime/log';
import { createSemaphore, type Semaphore, type SemaphoreOptions } from '../../shared/runtime/semaphore';
import { type CachedResponse, hashTag, packed, unpacked } from './cached-response';

/** Loads of all kinds of queries whose keys anybody can make up: free text, and cursors. */
const FREE_LOADS: SemaphoreOptions = { places: 2, waiting: 64, waitMs: 2000 };
/** Such keys that were asked for a moment ago. */
const ASKED = { max: 2000, ttl: CACHE_POLICY.products.shared.ttlMs };

/** A list has no version: the later load of two is newer. */
const UNVERSIONED = 0;

export interface QueryCachesOptions {
  readonly cache: Cache | undefined;
  readonly log: Logger;
  readonly now: () => number;
  readonly ticks: Clocks['ticks'];
  readonly stalenessMs: () => number;
  /** The most copies of a kind. Default: as CACHE_POLICY says. */
  readonly copies?: number | undefined;
}

export interface Query<Kind extends string> {
  readonly name: 'products' | 'categories';
  /** The body of the response to a query, by its key. */
  readonly load: (key: string) => Promise<string>;
  /** The kind of a key; `free` for one that anybody can make up. */
  readonly kindOf: (key: string) => Kind | 'free';
  /** The bounds of the loads of each kind: many of one kind keep nobody from another. */
  readonly limits: Readonly<Record<Kind, SemaphoreOptions>>;
}

export interface QueryCache {
  get(key: string, fresh?: boolean): Promise<CachedResponse>;
  /** The responses to all queries may have changed. */
  clear(): void;
}

/**
 * Returns a function that caches the responses to one kind of query in this process and in the shared cache. A change does
 * not know which queries it is in, so the shared copies end by their age. A free key is shared when it is asked for again.
 */
export function createQueryCaches({ ticks, copies: most = ASKED.max, ...shared }: QueryCachesOptions) {
  const freeLoads = createSemaphore(FREE_LOADS);
  const asked = new LRUCache<string, true>({
    ...ASKED,
    max: Math.min(ASKED.max, most),
    perf: { now: ticks },
  });
  const isAskedAgain = (key: string) => {
    const before = asked.has(key);
    asked.set(key, true);
    return before;
  };

  return <Kind extends string>({ name, load, kindOf, limits }: Query<Kind>): QueryCache => {
    const { http, process, shared: policy } = CACHE_POLICY[name];
    const entries = Math.min(process.entries, most);
    const loaded = async (key: string): Promise<Loaded> => {
      const body = await load(key);
      return { version: UNVERSIONED, value: packed(hashTag(body), body) };
    };
    const loader = (limit: Semaphore) => createSharedLoader({ ...shared, name, policy, load: loaded, limit });
    const loaders = new Map<string, SharedLoader>([['free', loader(freeLoads)]]);
    for (const kind in limits) loaders.set(kind, loader(createSemaphore(limits[kind])));

    const valueFor = async (key: string, fresh: boolean): Promise<string> => {
      const kind = kindOf(key);
      if (kind === 'free' && !isAskedAgain(`${name} ${key}`))
        return (await freeLoads(() => loaded(key))).value;
      const from = loaders.get(kind) as SharedLoader;
      return (await (fresh ? from.reload(key) : from.get(key))).value;
    };
    const copies = createProcessCache({ ...process, entries }, async (key, fresh) =>
      unpacked(await valueFor(key, fresh), http),
    );
    return {
      get: copies.get,
      clear: () => {
        for (const each of loaders.values()) each.forget();
        copies.clear();
      },
    };
  };
}
