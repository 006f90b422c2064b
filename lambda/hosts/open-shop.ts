import { clientIpBehindProxies } from '../shared/http/client-ip';
import { originsFrom } from '../shared/http/cross-origin';
import { SETTING } from '../shared/runtime/settings';
import { openFreshReads, withFreshReads } from './fresh-reads-keys';
import type { OpenService } from './open-service';
import { reportedSessions } from './reported-sessions';
import { openSharedCache } from './shared-cache';
import { createShop } from './shop';
import { openStores } from './stores';

/** Both services, each calling the other in this process. */
export const openShop: OpenService = async (
  env,
  log,
  { sessionUse, keys, replicas, sessionCopies: access } = {},
) => {
  const stores = await openStores(env, log, replicas);
  const fresh = keys && openFreshReads(stores.inventorySql, log, keys);
  const mayReadFresh = fresh?.freshReads.pay;
  const touchSession = sessionUse === 'report' ? await reportedSessions(env, log) : undefined;
  const { cache, sessionCopies, closing } = await openSharedCache(env, log, access);
  const options = {
    cache,
    clientIp: clientIpBehindProxies,
    allowedOrigins: originsFrom(env[SETTING.allowedOrigins]),
    log,
    touchSession,
    sessionCopies,
    mayReadFresh,
  };
  const shop = createShop({ ...stores, ...options });
  return withFreshReads({ ...shop, close: closing(stores.close) }, fresh);
};
