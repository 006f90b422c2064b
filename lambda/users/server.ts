import { run } from '../shared/run';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { addressBehindProxies } from './address';
import { createUsers } from './service';

/** The user service in a process of its own, on a schema that is migrated. */
run('users', async (env, log) => {
  const sql = await openSql(required(env, SETTING.usersDatabase));
  const users = createUsers({ sql, log, address: addressBehindProxies });
  const stopBackground = users.background();
  return {
    fetch: users.app.fetch,
    close: async () => {
      await stopBackground();
      await sql.close();
    },
  };
});
