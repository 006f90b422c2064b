import { join } from 'node:path';
import { openShardControl, type ShardControl } from '../../lambda/data-migration/shards/control';
import { openSql } from '../../lambda/shared/sql/open';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { dataDirPaths, short } from '../data-dir';
import { adminUrl } from './admin-url';
import { localConfig } from './local-aws';
import { isOurs, readPidfile } from './pidfile';
import { usersPlacementIn } from './placement';
import { DIRECTORY } from './tables';
import { SHARDS } from './users-cluster';

/** The shards of the shop that runs on a data folder, as the administrator of its servers. @throws Error if none runs there */
export async function localShards(
  folder: string,
): Promise<{ control: ShardControl; close: () => Promise<void> }> {
  const { record, servers: home } = dataDirPaths(folder);
  const running = readPidfile(record);
  const table = running?.processes.find(({ mark }) => mark.endsWith('/dynamodb'));
  if (!running?.photos || !running.federation || !table || !isOurs(table)) {
    throw new Error(
      `No shop of phase 6 is running on ${short(folder)}. Start one: npm start -- --phase 6 --servers`,
    );
  }
  const url = (server: string) => adminUrl(join(running.sockets, `${server}.sock`), 'users');
  const opened = await Promise.all(
    Object.entries(SHARDS).map(
      async ([name, server]) => [name, await openSql(url(server), { use: 'maintenance' })] as const,
    ),
  );
  const config = localConfig(running.photos.table);
  const directory = openDynamoDbTable({ definition: DIRECTORY_TABLE, name: DIRECTORY, config });
  return {
    control: openShardControl({
      ...{ table: directory, shards: Object.fromEntries(opened) },
      home: async () => usersPlacementIn(home),
    }),
    close: async () => {
      directory.close();
      await Promise.all(opened.map(([, sql]) => sql.close()));
    },
  };
}
