import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { SETTING } from '../../lambda/shared/runtime/settings';
import type { Row } from '../banner';
import { short } from '../data-dir';
import { type Elsewhere, provideReaders, provideSchemas } from './accounts';
import { adminUrl } from './admin-url';
import type { Host } from './host';
import { keep } from './keep';
import { BUCKETS, s3Config, s3Environment } from './local-aws';
import { startMariaDb } from './mariadb';
import { nodeProgram } from './processes';
import { DIRECTORY } from './tables';

/** The folder of the server's data. */
export const USERS_CLUSTER = 'users-cluster';

/** The server of each shard. The first is the one that the users move to. */
export const SHARDS = { 'users-1': USERS_CLUSTER, 'users-2': 'users-shard-2' } as const;

/** The environment of the process that moves the users: the URLs of an administrator and of an account that writes. */
export const MOVER_SETTING = {
  admin: { shared: 'SHARED_ADMIN', own: 'OWN_ADMIN' },
  writer: { shared: 'SHARED_WRITER', own: 'OWN_WRITER' },
} as const;

export interface UsersCluster {
  /** The schemas that the shared cluster does not have, or does not let in. */
  readonly elsewhere: Elsewhere;
  /** For the processes of the user service that write, and that read. */
  readonly environment: Readonly<Record<'write' | 'read', Readonly<Record<string, string>>>>;
  /** Starts the process that executes `npm run federate -- --local`. */
  startMover(shared: { readonly socket: string; readonly users: string }): Promise<Row>;
}

/** The second database server of phase 6, to which a command moves the users. */
export async function startUsersCluster(host: Host, s3: string): Promise<UsersCluster> {
  const { servers, home, binaries, say } = host;
  const socket = join(servers.sockets, `${USERS_CLUSTER}.sock`);
  const [folder, log] = [join(home, USERS_CLUSTER), join(home, `${USERS_CLUSTER}.log`)];
  const name = "MariaDB for the users' cluster";
  const { pid } = await startMariaDb(servers, { name, folder, socket, log, binaries });
  const second = await startSecondShard(host);
  const { data, closed } = await placement(s3);
  const there: Elsewhere = { inventory: 'gone', ...(data === 'own' ? {} : { users: 'closed' }) };
  const [{ users }, readers] = [await provideSchemas(socket, there), await provideReaders(socket, there)];
  servers.tell({ federation: { s3 } });
  const bucket = { [SETTING.federationBucket]: BUCKETS.deployments, [SETTING.directoryTable]: DIRECTORY };
  const shards = (first: string, other: string) => ({
    [SETTING.usersShards]: `users-1=${first} users-2=${other}`,
  });
  return {
    elsewhere: data === 'shared' ? {} : { users: closed ? 'gone' : 'closed' },
    environment: {
      write: { ...bucket, ...shards(users, second.users), [SETTING.ownUsersDatabase]: users },
      read: {
        ...bucket,
        ...shards(readers.users, second.readers),
        [SETTING.ownUsersDatabase]: readers.users,
      },
    },
    startMover: async (shared) => {
      const moverLog = join(home, 'users-mover.log');
      const mover = await keep(servers, say, 'The mover of users', (ended) =>
        servers.start({
          ...{ name: 'The mover of users', log: moverLog, ended, ready: /"msg":"waiting for commands"/ },
          ...nodeProgram('local/servers/users-mover.ts', join(home, 'users-mover')),
          env: {
            ...s3Environment(s3),
            [MOVER_SETTING.admin.shared]: adminUrl(shared.socket, 'users'),
            [MOVER_SETTING.admin.own]: adminUrl(socket, 'users'),
            [MOVER_SETTING.writer.shared]: shared.users,
            [MOVER_SETTING.writer.own]: users,
          },
        }),
      );
      return [
        'Users',
        data === 'own' ? 'on a cluster of their own:' : 'beside inventory; a cluster of their own waits:',
        `MariaDB, process ${pid}, log ${short(log)}`,
        `npm run federate -- --local, executed by process ${mover.pid}`,
        `a second shard: process ${second.pid}, log ${short(second.log)}; npm run shards -- --local`,
      ];
    },
  };
}

/** It has nothing until a bucket moves there. */
async function startSecondShard({ servers, home, binaries }: Host) {
  const id = SHARDS['users-2'];
  const socket = join(servers.sockets, `${id}.sock`);
  const [folder, log] = [join(home, id), join(home, `${id}.log`)];
  const { pid } = await startMariaDb(servers, {
    ...{ name: 'MariaDB for a second shard of users', folder, socket, log, binaries },
  });
  const { users } = await provideSchemas(socket, { inventory: 'gone' });
  const { users: readers } = await provideReaders(socket, { inventory: 'gone' });
  return { pid, log, users, readers };
}

async function placement(s3: string) {
  const client = new S3Client(s3Config(s3));
  try {
    const marker = s3Marker<Home>(client, BUCKETS.deployments, FEDERATION_KEY);
    return (await marker.read())?.placement ?? AT_FIRST;
  } finally {
    client.destroy();
  }
}
