import type { Cache } from '../shared/cache/cache';
import { openCache } from '../shared/cache/open';
import { tracedCache } from '../shared/cache/traced';
import type { Logger } from '../shared/runtime/log';
import { SETTING } from '../shared/runtime/settings';
import type { SessionCopiesOptions } from '../users/sessions/session-copies';

type Close = () => Promise<void>;

export interface SharedCache {
  /** Undefined where the environment names none. */
  readonly cache: Cache | undefined;
  readonly sessionCopies: Pick<SessionCopiesOptions, 'cache' | 'access'> | undefined;
  /** Closes the cache after what used it. */
  closing(close: Close): Close;
}

export async function openSharedCache(
  env: NodeJS.ProcessEnv,
  log: Logger,
  access?: SessionCopiesOptions['access'],
): Promise<SharedCache> {
  const url = env[SETTING.cache];
  const cache = url ? tracedCache(await openCache(url, log)) : undefined;
  return {
    cache,
    sessionCopies: cache && access && { cache, access },
    closing: (close) => async () => {
      await close();
      await cache?.close();
    },
  };
}
