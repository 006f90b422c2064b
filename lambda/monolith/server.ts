import { openBlobs } from '../shared/blobs';
import { reportHostMetrics } from '../shared/host-metrics';
import { run } from '../shared/run';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { addressBehindProxies } from '../users/address';
import { createShop } from './app';

/** The whole shop as one process: what the box runs. */
run('shop', async (env, log) => {
  const [usersSql, inventorySql] = await Promise.all([
    openSql(required(env, SETTING.usersDatabase)),
    openSql(required(env, SETTING.inventoryDatabase)),
  ]);
  const shop = createShop({
    usersSql,
    inventorySql,
    blobs: await openBlobs(required(env, SETTING.media)),
    address: addressBehindProxies,
    log,
  });
  const stopBackground = shop.background();
  const hostRole = env[SETTING.hostRole];
  if (hostRole) reportHostMetrics(hostRole, required(env, SETTING.dataFolder));
  return {
    fetch: shop.fetch,
    close: async () => {
      await stopBackground();
      await Promise.all([usersSql.close(), inventorySql.close()]);
    },
  };
});
