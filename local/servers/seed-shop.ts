import { type Fetch, serve } from '../../lambda/shared/http/serve';
import type { Logger } from '../../lambda/shared/runtime/log';
import { openSql } from '../../lambda/shared/sql/open';

import { createUsers } from '../../lambda/users/service';
import { seed } from '../seed/seed';

/** Fills an empty shop through its API; the first staff member is created as in `staff.ts`. */
export async function seedShop(shop: Fetch, usersDatabase: string, log: Logger): Promise<void> {
  const sql = await openSql(usersDatabase);
  const users = createUsers({ sql, log, clientIp: () => '' });
  const { port, stop } = await serve({ fetch: shop, log, port: 0 });
  const ask = (request: Request) => {
    const { pathname } = new URL(request.url);
    return fetch(new Request(`http://127.0.0.1:${port}${pathname}`, request));
  };
  await seed(ask, users.grantStaff).finally(() => Promise.all([sql.close(), stop()]));
}
