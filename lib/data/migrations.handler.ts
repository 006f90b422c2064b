import { migrate } from '../../lambda/shared/migrations';
import { openMysql } from '../../lambda/shared/mysql';
import { rdsTls } from '../../lambda/shared/rds-tls';
import { credentialsReader } from '../../lambda/shared/secrets';
import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { provide, type Server } from './accounts.steps';
import { type Schema, schemas } from './schemas';

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
  const { MASTER = '', USERS_ACCOUNT = '', INVENTORY_ACCOUNT = '' } = process.env;
  const accounts = { users: USERS_ACCOUNT, inventory: INVENTORY_ACCOUNT };
  const [master, account] = await Promise.all(
    [MASTER, accounts[schema.name]].map((arn) => credentialsReader(arn)()),
  );
  if (!master || !account) throw new Error('unreachable: two secrets were read');
  await provide(server, master, schema, account);

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
