/** A value in the shared cache. */
export interface CacheEntry {
  /**
   * A whole number that grows with every change of the cached thing, such as the revision of a row. Newer versions
   * replace older ones.
   */
  readonly version: number;
  /** The time at which the load of the value began, in epoch milliseconds: the value is not older. */
  readonly loadedAt: number;
  readonly value: string;
}

/**
 * A cache that all processes share. Implementations: `memory-cache.ts` and `valkey-cache.ts`, under one contract test.
 * It may lose any entry at any time, but it never replaces a version by an older one (decision 0110).
 * Everything but `close` may throw CacheUnavailableError, within a fixed time: callers go on with the database.
 */
export interface Cache {
  /** A value that no implementation wrote counts as none. */
  get(key: string): Promise<CacheEntry | undefined>;
  /**
   * Stores an entry for `ttlMs`. Refused, atomically inside the cache, if the cache knows a newer version, or the same
   * version loaded later, or if by the cache's clock the load began more than MAX_FILL_AGE_MS ago or
   * MAX_CLOCK_LEAD_MS ahead (but for FINAL_VERSION, which is true at any time). True if stored.
   */
  put(key: string, entry: CacheEntry, ttlMs: number): Promise<boolean>;
  /**
   * Removes the entries whose version is below the given one, in one round trip, and refuses to store such a version
   * for EXPIRED_FOR_MS, also where there was no entry.
   */
  expire(versions: ReadonlyMap<string, number>): Promise<void>;
  /** True for one caller until `ttlMs` pass or `unlock`; false for all others. It saves work and protects nothing. */
  lock(key: string, ttlMs: number): Promise<boolean>;
  /** Releases a lock that this object holds, and no other's. */
  unlock(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A value that took longer to arrive is not stored: the repair of changes looks no further back (decision 0110). */
export const MAX_FILL_AGE_MS = 3000;

/** The clock of a process may be this far ahead of the cache's; beyond that, nothing it loads is stored. */
export const MAX_CLOCK_LEAD_MS = 1000;

/** Longer than a load that began before a change, on a replica that lags, can arrive after it. */
export const EXPIRED_FOR_MS = 20_000;

/** The version of the mark that stands for "ended, for good": no other entry replaces it while it is kept. */
export const FINAL_VERSION = Number.MAX_SAFE_INTEGER;

/** The cache does not answer in time, refuses, or answers nonsense. */
export class CacheUnavailableError extends Error {
  override name = 'CacheUnavailableError';
}
