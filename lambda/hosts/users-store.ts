import type { Logger } from '../shared/runtime/log';
import { SETTING } from '../shared/runtime/settings';
import type { Sql } from '../shared/sql/sql';
import type { Table } from '../shared/tables/table';
import { createDirectory } from '../users/sharding/directory';
import { followMap } from '../users/sharding/followed-map';
import { DIRECTORY_TABLE } from '../users/sharding/shard-map';
import { shardedUsers } from '../users/sharding/sharded-users';
import { singleShard, type UserShards } from '../users/sharding/user-shards';
import { type OpenSchemaOptions, openSchema, openShards } from './schema';

export interface UsersStore extends UserShards {
  close(): Promise<void>;
}

/** The schema of the users, or its shards where the environment names a directory. */
export async function openUsersStore(
  env: NodeJS.ProcessEnv,
  log: Logger,
  options: OpenSchemaOptions,
): Promise<UsersStore> {
  const name = env[SETTING.directoryTable];
  if (!name) {
    const sql = await openSchema(env, log, 'users', options);
    return { ...singleShard(sql), close: sql.close };
  }
  const { openDynamoDbTable } = await import('../shared/tables/dynamodb-table');
  const table = openDynamoDbTable({ definition: DIRECTORY_TABLE, name });
  const [alone, shards] = await Promise.all([
    openSchema(env, log, 'users', options),
    openShards(env, log, options),
  ]);
  return openShardedUsers(table, alone, shards);
}

export function openShardedUsers(
  table: Table,
  alone: Sql,
  shards: Readonly<Record<string, Sql>>,
): UsersStore {
  const map = followMap(table);
  const store: UserShards = shardedUsers({
    shards,
    alone,
    map,
    directory: createDirectory({ table, at: (userId) => store.at(userId), now: Date.now }),
  });
  return {
    ...store,
    close: async () => {
      table.close();
      await Promise.all([alone, ...Object.values(shards)].map((sql) => sql.close()));
    },
  };
}
