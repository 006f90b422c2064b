import type { Logger } from '../../lambda/shared/log';
import { type Fetch, serve } from '../../lambda/shared/serve';
import { openSql } from '../../lambda/shared/sql';
import { createUsers } from '../../lambda/users/service';
import { seed } from '../seed/seed';

/** Fills an empty shop, as its visitors would; its first staff member is made as `staff.ts` makes one. */
export async function stock(shop: Fetch, usersDatabase: string, log: Logger): Promise<void> {
  const sql = await openSql(usersDatabase);
  const users = createUsers({ sql, log, address: () => '' });
  const { port, stop } = await serve({ fetch: shop, log, port: 0 });
  const ask = (request: Request) => {
    const { pathname } = new URL(request.url);
    return fetch(new Request(`http://127.0.0.1:${port}${pathname}`, request));
  };
  await seed(ask, users.grantStaff).finally(() => Promise.all([sql.close(), stop()]));
}
