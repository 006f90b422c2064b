import type { Cache } from '../../../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { targetOf } from '../../../../lambda/shared/cache/open';
import { openValkeyCache, type ValkeyCacheOptions } from '../../../../lambda/shared/cache/valkey-cache';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { eventually } from '../../../support/until';
import { hasValkey, startValkey } from '../../../support/valkey';

export const silent = createLog({ write: () => undefined });

/** Patient: machines that run tests are busy. Tests of the timeout choose their own. */
const TIMEOUT_MS = 2000;

/** Opens the cache of a test's server, as another process would. */
export const opened = async (url: string, options: Partial<ValkeyCacheOptions> = {}) =>
  openValkeyCache(await targetOf(url), { log: silent, timeoutMs: TIMEOUT_MS, ...options });

/** A cache that starts empty. */
export interface CacheServer {
  /** As each process does. */
  open(): Promise<Cache>;
  stop(): Promise<void>;
}

export interface CacheKind {
  readonly name: string;
  start(): Promise<CacheServer>;
}

/** The implementations that this machine can run: `describe.each(caches())`. */
export const caches = (): CacheKind[] => [memory, ...(hasValkey() ? [valkey] : [])];

const memory: CacheKind = {
  name: 'memory',
  start: async () => {
    const cache = createMemoryCache();
    return { open: async () => cache, stop: async () => undefined };
  },
};

const valkey: CacheKind = {
  name: 'Valkey',
  start: async () => {
    const server = await startValkey();
    const all: Cache[] = [];
    return {
      open: async () => {
        const cache = await opened(server.url);
        all.push(cache);
        return cache;
      },
      stop: async () => {
        await Promise.all(all.map((cache) => cache.close()));
        await server.stop();
      },
    };
  },
};

/** Asks again until the answer is as wanted. */
export const until = <Answer>(
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> =>
  eventually(async () => {
    const answer = await ask();
    if (!wanted(answer)) throw new Error(`The answer is ${JSON.stringify(answer)}`);
    return answer;
  });

/** Undefined for a call that failed. */
export const attempt = <Answer>(call: Promise<Answer>): Promise<Answer | undefined> =>
  call.catch(() => undefined);
