import { type Cache, CacheUnavailableError } from '../../shared/cache/cache';
import { REPAIR } from '../../shared/cache/cache-policy';
import type { Clocks } from '../../shared/runtime/clocks';

/** The state of the catalog in the shared cache. The relay writes it (`change-relay.ts`). */
export interface CacheState {
  /** In front of all keys: a new epoch is an empty cache. */
  readonly epoch: string;
  /** Epoch milliseconds. What the cache holds under this epoch is not older. */
  readonly watermark: number;
}

const STATE_KEY = 'catalog:state';
const WANTED_KEY = 'catalog:wanted';
const STATE_TTL_MS = 10 * 60_000;
const WANTED_TTL_MS = 10_000;

/** Undefined when there is none, or when nobody has kept it for too long. */
export async function readState(cache: Cache, now: number): Promise<CacheState | undefined> {
  const entry = await cache.get(STATE_KEY);
  const [, epoch, watermark] = entry?.value.match(/^([\w-]+) (\d+)$/) ?? [];
  if (!epoch || !(Number(watermark) > now - REPAIR.giveUpAfterMs)) return undefined;
  return { epoch, watermark: Number(watermark) };
}

/** Does nothing when a later one is there. */
export async function writeState(cache: Cache, { epoch, watermark }: CacheState, now: number): Promise<void> {
  const entry = { version: watermark, loadedAt: now, value: `${epoch} ${watermark}` };
  await cache.put(STATE_KEY, entry, STATE_TTL_MS);
}

/** True if somebody waits for an epoch to begin. */
export const isWanted = async (cache: Cache): Promise<boolean> => (await cache.get(WANTED_KEY)) !== undefined;

export interface CacheStateReader {
  /** Reads the state again if that is due. If there is none, a read asks for one. It never throws. */
  refresh(use: 'read' | 'write'): Promise<void>;
  /** Before an epoch begins: in front of entries that are trusted for their own age alone. */
  keyPrefix(): string;
  /** Epoch milliseconds; 0 while there is no state. */
  trustedSince(): number;
}

/**
 * The state as this process knows it. Its reads drive the polling: there is nothing to start or to stop. A state that can
 * no longer be read is not believed any longer than its watermark is fresh.
 *
 * No epoch begins before somebody reads. Until then the releases of a roll may write side by side, of which the older ones
 * repair nothing.
 */
export function createCacheStateReader(cache: Cache, { now, ticks }: Clocks): CacheStateReader {
  let state: CacheState | undefined;
  let due = Number.NEGATIVE_INFINITY;
  let polling: Promise<void> | undefined;

  const poll = async (use: 'read' | 'write') => {
    try {
      state = await readState(cache, now());
      if (!state && use === 'read')
        await cache.put(WANTED_KEY, { version: now(), loadedAt: now(), value: '' }, WANTED_TTL_MS);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
    } finally {
      due = ticks() + REPAIR.readEveryMs;
      polling = undefined;
    }
  };

  return {
    refresh: async (use) => {
      if (ticks() >= due) polling ??= poll(use);
      await polling;
    },
    keyPrefix: () => (state ? `${state.epoch}:` : ''),
    trustedSince: () => state?.watermark ?? 0,
  };
}
