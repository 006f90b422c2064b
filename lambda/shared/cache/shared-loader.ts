import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../runtime/log';
import type { Semaphore } from '../runtime/semaphore';
import { type Cache, type CacheEntry, CacheUnavailableError } from './cache';
import type { SharedRule } from './cache-policy';
import { serializedLoader } from './serialized-loader';

/** A value from the database. */
export interface Loaded {
  readonly version: number;
  readonly value: string;
  /** Default: the rule's. */
  readonly ttlMs?: number;
}

export interface SharedLoaderOptions {
  /** Default: the database alone. */
  readonly cache?: Cache | undefined;
  /** The kind of data: the first part of its keys, such as `product`. */
  readonly name: string;
  readonly policy: SharedRule;
  readonly load: (key: string) => Promise<Loaded>;
  /** The age of what `load` answers at most, in milliseconds: more than 0, the default, where a replica answers. */
  readonly stalenessMs?: () => number;
  /** The time up to which all changes have reached the cache, in epoch milliseconds. Default: never. */
  readonly trustedSince?: () => number;
  /** The epoch of the cache, in front of all keys. Default: none. */
  readonly keyPrefix?: () => string;
  /** Bounds the loads, of several kinds together if they share it. */
  readonly limit: Semaphore;
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: () => number;
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
  readonly log: Logger;
}

export interface SharedLoader {
  /**
   * From the cache, or else from the database. Callers at the same time share one load, across processes too.
   * @throws BusyError if too many loads wait; what `load` throws
   */
  get(key: string): Promise<CacheEntry>;
  /**
   * From the database, by a load that begins after the call, and into the cache. What the cache does not take, such as
   * that of a process whose clock is wrong, at least ends the versions before it. @throws like `get`
   */
  reload(key: string): Promise<CacheEntry>;
  /** After a change: reads from now on do not share a load that began before it. Without a key: of no key. */
  forget(key?: string): void;
  stats(): SharedLoaderStats;
}

/** Counts since the start. */
export type SharedLoaderStats = Readonly<ReturnType<typeof zeroStats>>;

const zeroStats = () => ({
  /** Answered from the cache. */
  hits: 0,
  /** Not in the cache. */
  misses: 0,
  /** In the cache, and too old to be trusted. */
  untrusted: 0,
  /** Loads from the database, for whatever reason. */
  loads: 0,
  /** Of these, in the background before an entry ends. */
  refreshes: 0,
  /** Reads that waited for another process to load. */
  waits: 0,
  /** Values that the cache refused: it knew a newer version, or they came too late. */
  refused: 0,
  /** Of these, replaced in the answer by the newer version. */
  overtaken: 0,
  /** Calls of the cache that failed. */
  unavailable: 0,
});

/** Longer than a load takes in a normal minute. Those who have waited that long load too. */
const LOCK_MS = 300;
const POLLS_MS = [10, 20, 40, 80, 150];
const TTL_JITTER = 0.1;

/** Stands for an answer of the cache when there is none. */
const FAILED = Symbol('the cache failed');

/**
 * Loads one kind of data through the shared cache: cache-aside, refresh-ahead, and write-through by `reload`.
 * Without a cache, or while it fails, the database answers, within `limit` (decision 0110).
 */
export function createSharedLoader(options: SharedLoaderOptions): SharedLoader {
  const { cache, name, policy, load, limit, log } = options;
  const { trustedSince = () => 0, keyPrefix = () => '', stalenessMs = () => 0 } = options;
  const { now = Date.now, random = Math.random } = options;
  const stats = zeroStats();
  const underWay = new Map<string, Promise<CacheEntry>>();
  const refreshing = new Set<string>();

  const cacheKey = (key: string) => `${keyPrefix()}${name}:${key}`;
  /** Taken with the key: the watermark of a later epoch says nothing of an entry of this one. */
  const trustNow = () => {
    const since = trustedSince();
    return ({ loadedAt }: CacheEntry) => Math.max(loadedAt, since) > now() - policy.freshMs;
  };

  const ask = async <Answer>(question: (cache: Cache) => Promise<Answer>) => {
    if (!cache) return FAILED;
    try {
      return await question(cache);
    } catch (error) {
      stats.unavailable += 1;
      if (!(error instanceof CacheUnavailableError))
        log.error({ err: error }, 'the cache failed unexpectedly');
      return FAILED;
    }
  };

  const store = async (at: string, entry: CacheEntry, ttlMs = policy.ttlMs) => {
    const jittered = Math.round(ttlMs * (1 + TTL_JITTER * (2 * random() - 1)));
    const stored = await ask((cache) => cache.put(at, entry, jittered));
    if (stored === false) stats.refused += 1;
    return stored;
  };

  /** Needs no clock: older versions are out of date whenever this one was loaded. */
  const expireOlder = async (at: string, { version }: CacheEntry) => {
    if (version > 0) await ask((cache) => cache.expire(new Map([[at, version]])));
  };

  /**
   * `cached: false` when the cache has just failed: the caller has waited enough. `written`: after a change, of which the
   * cache must hear.
   */
  const fill = (key: string, at: string, { cached = true, written = false } = {}): Promise<CacheEntry> =>
    limit(async () => {
      stats.loads += 1;
      const loadedAt = now() - stalenessMs();
      const { version, value, ttlMs } = await load(key);
      return { entry: { version, loadedAt, value }, ttlMs };
    }).then(async ({ entry, ttlMs }) => {
      const stored = cached ? await store(at, entry, ttlMs) : undefined;
      if (written && stored !== true) await expireOlder(at, entry);
      if (stored !== false) return entry;
      // As by a replica that lags: the newer version answers, so nobody is taken back.
      const newer = await ask((cache) => cache.get(at));
      if (newer === FAILED || !newer || newer.version <= entry.version) return entry;
      stats.overtaken += 1;
      return newer;
    });

  const lock = (at: string) => ask((cache) => cache.lock(`lock:${at}`, LOCK_MS));
  const unlock = (at: string) => ask((cache) => cache.unlock(`lock:${at}`));

  const read = async (key: string): Promise<CacheEntry> => {
    const at = cacheKey(key);
    const isTrusted = trustNow();
    const entry = await ask((cache) => cache.get(at));
    if (entry === FAILED) return fill(key, at, { cached: false });
    if (entry && isTrusted(entry)) {
      stats.hits += 1;
      refreshIfDue(key, at, entry);
      return entry;
    }
    stats[entry ? 'untrusted' : 'misses'] += 1;
    const locked = await lock(at);
    const loaded = locked === false && (await awaitOther(at, isTrusted));
    if (loaded) return loaded;
    const filled = await fill(key, at, { cached: locked !== FAILED });
    // A load that failed keeps its lock: the next one waits for a moment.
    if (locked === true) void unlock(at);
    return filled;
  };

  const awaitOther = async (
    at: string,
    isTrusted: (entry: CacheEntry) => boolean,
  ): Promise<CacheEntry | undefined> => {
    stats.waits += 1;
    for (const pause of POLLS_MS) {
      await sleep(pause * (0.5 + random()));
      const entry = await ask((cache) => cache.get(at));
      if (entry === FAILED) return undefined;
      if (entry && isTrusted(entry)) return entry;
    }
    return undefined;
  };

  const refreshIfDue = (key: string, at: string, { loadedAt }: CacheEntry): void => {
    const { refreshAfterMs } = policy;
    if (refreshAfterMs === undefined || now() - loadedAt < refreshAfterMs || refreshing.has(at)) return;
    refreshing.add(at);
    // A failure is no news here: the entry is good until it ends, and the reader after that is told.
    void refresh(key, at)
      .catch(() => undefined)
      .then(() => refreshing.delete(at));
  };

  const refresh = async (key: string, at: string): Promise<void> => {
    if ((await lock(at)) !== true) return;
    stats.refreshes += 1;
    await fill(key, at);
    await unlock(at);
  };

  /** Until it is over, those who read share it. */
  const share = (key: string, begun: Promise<CacheEntry>): Promise<CacheEntry> => {
    underWay.set(key, begun);
    const over = () => {
      if (underWay.get(key) === begun) underWay.delete(key);
    };
    begun.then(over, over);
    return begun;
  };

  return {
    get: (key) => underWay.get(key) ?? share(key, read(key)),
    // Also for readers: a read that began before the change may see what was before it.
    reload: serializedLoader((key) => share(key, fill(key, cacheKey(key), { written: true }))),
    forget: (key) => (key === undefined ? underWay.clear() : void underWay.delete(key)),
    stats: () => ({ ...stats }),
  };
}
