import { reportHostMetrics } from '../shared/host-metrics';
import { run } from '../shared/run';
import { required, SETTING } from '../shared/settings';
import { addressBehindProxies } from '../users/address';
import { createShop } from './app';
import { openStores } from './stores';

/** The whole shop as one process: what the box runs. */
run('shop', async (env, log) => {
  const stores = await openStores(env, log);
  const shop = createShop({ ...stores, address: addressBehindProxies, log });
  const stopBackground = shop.background();
  const hostRole = env[SETTING.hostRole];
  if (hostRole) reportHostMetrics(hostRole, required(env, SETTING.dataFolder));
  return {
    fetch: shop.fetch,
    close: async () => {
      await stopBackground();
      await stores.close();
    },
  };
});
