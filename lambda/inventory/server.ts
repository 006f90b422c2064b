import { openBlobs } from '../shared/blobs';
import { identifyOverHttp } from '../shared/identify-over-http';
import { run } from '../shared/run';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { createInventory } from './service';

/** The inventory service in a process of its own. */
run('inventory', async (env, log) => {
  const identify = identifyOverHttp(required(env, SETTING.usersUrl));
  const blobs = await openBlobs(required(env, SETTING.media));
  const sql = await openSql(required(env, SETTING.inventoryDatabase));
  const { fetch, background } = createInventory({ sql, identify, blobs, log });
  const stopBackground = background();
  return {
    fetch,
    close: async () => {
      await stopBackground();
      await sql.close();
    },
  };
});
