import { handle } from 'hono/aws-lambda';
import { openBlobs } from '../shared/blobs';
import { identifyOverHttp } from '../shared/identify-over-http';
import { createLog } from '../shared/log';
import { required, SETTING } from '../shared/settings';
import { openSql } from '../shared/sql';
import { createInventory } from './service';

type Handle = ReturnType<typeof handle>;

/** Once for all requests of this function instance. */
const opened = open(process.env);

/** For events of a load balancer and of a function URL. What `background()` does is left to a server. */
export const handler: Handle = async (event, context) => (await opened)(event, context);

async function open(env: NodeJS.ProcessEnv): Promise<Handle> {
  const identify = identifyOverHttp(required(env, SETTING.usersUrl));
  const sql = await openSql(required(env, SETTING.inventoryDatabase));
  const blobs = await openBlobs(required(env, SETTING.media));
  return handle(createInventory({ sql, identify, blobs, log: createLog() }).app);
}
