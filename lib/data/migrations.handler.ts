import { migrate } from '../../lambda/shared/migrations';
import { openMysql } from '../../lambda/shared/mysql';
import { rdsTls } from '../../lambda/shared/rds-tls';
import { type Credentials, credentialsReader } from '../../lambda/shared/secrets';
import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { whenAllowed } from '../custom-resource/when-allowed';
import { provide, type Server } from './accounts.steps';
import { type Schema, schemas, usersOf } from './schemas';

/** Makes schemas, accounts and tables what this code says, done any number of times. Deleting takes nothing away. */
export async function handler(
  event: CustomResourceEvent<object>,
  _context?: object,
  tls: Server['tls'] = rdsTls,
): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') {
      for (const schema of schemas) await bringUpToDate({ url: process.env.DATABASE ?? '', tls }, schema);
    }
    return { physicalId: 'migrations' };
  });
}

async function bringUpToDate(server: Server, schema: Schema): Promise<void> {
  const { MASTER, USERS_ACCOUNT, INVENTORY_ACCOUNT, USERS_READER, INVENTORY_READER } = process.env;
  const { app, reader } = {
    users: { app: USERS_ACCOUNT, reader: USERS_READER },
    inventory: { app: INVENTORY_ACCOUNT, reader: INVENTORY_READER },
  }[schema.name];
  const [master, users] = [await read(MASTER), usersOf(schema)];
  await provide(server, master, schema, users.app, await read(app));
  if (reader) await provide(server, master, schema, users.reader, await read(reader));

  const url = new URL(server.url);
  url.username = encodeURIComponent(master.user);
  url.password = encodeURIComponent(master.password);
  url.pathname = `/${schema.name}`;
  const sql = openMysql(url.href, server.tls ?? undefined);
  try {
    const applied = await migrate(sql, schema.migrations);
    console.log(JSON.stringify({ schema: schema.name, applied }));
  } finally {
    await sql.close();
  }
}

/** Permission to read a secret that is new in this deploy may be on its way. */
const read = (arn = ''): Promise<Credentials> => whenAllowed(credentialsReader(arn));
