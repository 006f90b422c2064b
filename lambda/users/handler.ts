import { getConnInfo, handle } from 'hono/aws-lambda';
import { createLog } from '../shared/log';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { createUsers } from './service';

type Handle = ReturnType<typeof handle>;

/** Once for all requests of this function instance. */
const opened = open();

/** For events of a load balancer and of a function URL. What `background()` does is left to a server. */
export const handler: Handle = async (event, context) => (await opened)(event, context);

async function open(): Promise<Handle> {
  const sql = await openSql(required(process.env, SETTING.usersDatabase));
  const address: Parameters<typeof createUsers>[0]['address'] = (c) => getConnInfo(c).remote.address ?? '';
  return handle(createUsers({ sql, log: createLog(), address }).app);
}
