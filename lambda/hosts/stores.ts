import type { Blobs } from '../shared/blobs/blobs';
import { openBlobs } from '../shared/blobs/open';
import type { Logger } from '../shared/runtime/log';
import { required, SETTING } from '../shared/runtime/settings';
import type { Sql } from '../shared/sql/sql';
import { openSchema, type ReplicaAccess } from './schema';

/** The stores of the shop's data. */
export interface Stores {
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  readonly blobs: Blobs;
  close(): Promise<void>;
}

/** Opens the stores of the environment. With a second side, they follow the stored marker, and a mover runs. */
export async function openStores(
  env: NodeJS.ProcessEnv,
  log: Logger,
  replicas?: ReplicaAccess,
): Promise<Stores> {
  const bucket = env[SETTING.placementBucket];
  // Loaded for phase 2 alone, since it costs start-up time.
  if (bucket) return (await import('./followed-stores')).followedStores(env, bucket, log);
  const [usersSql, inventorySql, blobs] = await Promise.all([
    openSchema(env, log, 'users', { replicas }),
    openSchema(env, log, 'inventory', { replicas }),
    openBlobs(required(env, SETTING.media)),
  ]);
  const close = async () => {
    await Promise.all([usersSql.close(), inventorySql.close()]);
  };
  return { usersSql, inventorySql, blobs, close };
}
