import { federatedSql } from '../data-migration/federation/federated-sql';
import { followPlacement } from '../data-migration/federation/follower';
import { AT_FIRST, type Home } from '../data-migration/federation/home';
import { FEDERATION_KEY } from '../data-migration/object-keys';
import type { Logger } from '../shared/runtime/log';
import { namedUrls, required, SETTING } from '../shared/runtime/settings';
import { startHeartbeat } from '../shared/sql/heartbeat';
import { openSql } from '../shared/sql/open';
import { replicatedSql } from '../shared/sql/replicated';
import type { OpenOptions, Sql } from '../shared/sql/sql';
import { tracedSql } from '../shared/sql/traced';

/** Processes that only read `use` replicas; those that write `beat`, by which replicas show how far behind they are. */
export type ReplicaAccess = 'use' | 'beat';

const SETTINGS = {
  users: { database: SETTING.usersDatabase, readers: SETTING.usersReaders },
  inventory: { database: SETTING.inventoryDatabase, readers: SETTING.inventoryReaders },
} as const;

export interface OpenSchemaOptions {
  readonly replicas?: ReplicaAccess | undefined;
  readonly use?: OpenOptions['use'];
}

/** Opens a schema of the environment, with its replicas if it has some and this process may use them. */
export async function openSchema(
  env: NodeJS.ProcessEnv,
  log: Logger,
  name: keyof typeof SETTINGS,
  options: OpenSchemaOptions = {},
): Promise<Sql> {
  const { database, readers } = SETTINGS[name];
  const home = { url: required(env, database), readers: env[readers] };
  const own = name === 'users' ? env[SETTING.ownUsersDatabase] : undefined;
  const sql = own
    ? await federated(
        env,
        log,
        { shared: home, own: { url: own, readers: env[SETTING.ownUsersReaders] } },
        options,
      )
    : await openHome(log, home, options);
  // A function has no time between requests in which it could look after replicas.
  return options.replicas === 'beat' && options.use !== 'function' ? beating(sql, log) : sql;
}

/** The shards of the users, by name, in the same way. */
export async function openShards(
  env: NodeJS.ProcessEnv,
  log: Logger,
  options: OpenSchemaOptions = {},
): Promise<Record<string, Sql>> {
  const replicas = namedUrls(env[SETTING.usersShardsReaders]);
  const opened = namedUrls(env[SETTING.usersShards]).map(async ([name, url]) => {
    const readers = replicas.filter(([of]) => of === name).map(([, reader]) => reader);
    const sql = await openHome(log, { url, readers: readers.join(' ') }, options);
    return [
      name,
      options.replicas === 'beat' && options.use !== 'function' ? beating(sql, log) : sql,
    ] as const;
  });
  return Object.fromEntries(await Promise.all(opened));
}

interface HomeUrls {
  readonly url: string;
  /** URLs separated by spaces. */
  readonly readers: string | undefined;
}

async function federated(
  env: NodeJS.ProcessEnv,
  log: Logger,
  homes: Readonly<Record<Home, HomeUrls>>,
  options: OpenSchemaOptions,
): Promise<Sql> {
  const [{ S3Client }, { s3Marker }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../data-migration/placement/marker-s3'),
  ]);
  const client = new S3Client();
  const marker = s3Marker<Home>(client, required(env, SETTING.federationBucket), FEDERATION_KEY);
  const [follower, shared, own] = await Promise.all([
    followPlacement(marker, AT_FIRST, log),
    openHome(log, homes.shared, options),
    openHome(log, homes.own, options),
  ]);
  const sql = federatedSql({ sides: { shared, own }, follower });
  return {
    ...sql,
    close: async () => {
      await follower.stop();
      await sql.close();
      client.destroy();
    },
  };
}

async function openHome(
  log: Logger,
  { url, readers }: HomeUrls,
  { replicas, use }: OpenSchemaOptions,
): Promise<Sql> {
  const sql = tracedSql(await openSql(url, use && { use }));
  const urls = readers?.split(' ').filter(Boolean) ?? [];
  if (use === 'function' || replicas !== 'use' || urls.length === 0) return sql;
  const opened = await Promise.all(
    urls.map(async (url) => ({ name: nameOf(url), sql: tracedSql(await openSql(url, { use: 'replica' })) })),
  );
  const replicated = replicatedSql({ primary: sql, replicas: opened, log });
  await replicated.ready;
  return replicated;
}

function beating(sql: Sql, log: Logger): Sql {
  const stop = startHeartbeat(sql, log);
  return {
    ...sql,
    close: async () => {
      await stop();
      await sql.close();
    },
  };
}

/** Without credentials, for logs. */
function nameOf(url: string): string {
  const { host, searchParams } = new URL(url);
  return searchParams.get('socketPath') ?? host;
}
