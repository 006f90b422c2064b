import { LRUCache } from 'lru-cache';
import { SYSTEM_CLOCKS } from '../runtime/clocks';
import { serializedLoader } from './serialized-loader';

export interface ProcessCache<Value> {
  /** `fresh`: by a load that begins after the call, which replaces the copy. @throws what `load` throws */
  get(key: string, fresh?: boolean): Promise<Value>;
  peek(key: string): Value | undefined;
  delete(key: string): void;
  clear(): void;
}

/** Of each cache, keys included. */
const MAX_CHARACTERS = 32 * 1024 * 1024;
/** About what an entry takes besides. */
const OVERHEAD = 100;

/**
 * Copies in this process, bounded in number and in size. Concurrent callers share one load. A load that a change overtakes
 * answers its callers, who asked before the change, and is not kept.
 */
export function createProcessCache<Value extends { readonly body: string } | string>(
  { ttlMs, entries }: { readonly ttlMs: number; readonly entries: number },
  load: (key: string, fresh: boolean) => Promise<Value>,
  ticks: () => number = SYSTEM_CLOCKS.ticks,
  maxCharacters = MAX_CHARACTERS,
): ProcessCache<Value> {
  const kept = new LRUCache<string, Value, boolean>({
    max: entries,
    maxSize: maxCharacters,
    sizeCalculation: (value, key) =>
      OVERHEAD + key.length + (typeof value === 'string' ? value : value.body).length,
    ttl: ttlMs,
    ttlResolution: 0,
    perf: { now: ticks },
    fetchMethod: (key, _stale, { context: fresh }) => load(key, fresh),
    // Callers that wait must not fail when their entry is dropped.
    ignoreFetchAbort: true,
  });
  const reload = serializedLoader((key) => {
    // A load in flight may have read the state before the change.
    kept.delete(key);
    return kept.forceFetch(key, { context: true });
  });
  return {
    get: (key, fresh = false) => (fresh ? reload(key) : kept.forceFetch(key, { context: false })),
    peek: (key) => kept.get(key),
    delete: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}
