import { S3Client } from '@aws-sdk/client-s3';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openMysql } from '../../lambda/shared/sql/mysql';
import { rdsTls } from '../../lambda/shared/sql/rds-tls';
import {
  type Credentials,
  credentialsReader,
  pendingCredentialsReader,
} from '../../lambda/shared/sql/secrets';
import { type CustomResourceEvent, respond } from '../custom-resource/respond';
import { type AccountSecret, provide, type Server } from './accounts.steps';
import { type Schema, schemas, usersOf } from './schemas';

/**
 * Creates and migrates the schemas of a cluster, their accounts and tables. Idempotent. A delete removes nothing. While
 * the users may be on one of two clusters, their accounts are let in where the marker says, and nowhere else: a grant
 * would open what a fence has closed.
 */
export async function handler(
  event: CustomResourceEvent<object>,
  _context?: object,
  tls: Server['tls'] = rdsTls,
): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') {
      const server = { url: process.env.DATABASE ?? '', tls };
      for (const schema of Object.values(schemas)) await bringUpToDate(server, schema);
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
  const place = schema.name === 'users' ? await placeOfUsers() : 'here';
  // Another cluster has the schema, or had it when it was dropped here.
  if (!app || place === 'gone') return;
  const [master, users] = [await read(MASTER), usersOf(schema)];
  const letIn = place === 'here';
  await provide(server, master, schema, { user: users.app, secret: accountSecret(app), letIn });
  if (reader)
    await provide(server, master, schema, { user: users.reader, secret: accountSecret(reader), letIn });

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

/** `gone`: on the other cluster for good. */
async function placeOfUsers(): Promise<'here' | 'elsewhere' | 'gone'> {
  const { FEDERATION_BUCKET, FEDERATION_HOME } = process.env;
  if (!FEDERATION_BUCKET) return 'here';
  const marker = s3Marker<Home>(new S3Client(), FEDERATION_BUCKET, FEDERATION_KEY);
  const { data, closed } = (await marker.read())?.placement ?? AT_FIRST;
  if (data === FEDERATION_HOME) return 'here';
  return closed ? 'gone' : 'elsewhere';
}

const accountSecret = (arn = ''): AccountSecret => ({
  current: () => read(arn),
  pending: pendingCredentialsReader(arn),
});

const read = (arn = ''): Promise<Credentials> => credentialsReader(arn)();
