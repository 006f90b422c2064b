import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { provideSchemas } from './accounts';
import { binaryLogOf, writerIn } from './cluster';
import type { Host } from './host';
import { BUCKETS, s3Environment } from './local-aws';
import { startMariaDb } from './mariadb';
import { s3Folder } from './placement';
import { nodeProgram } from './processes';

/** The side of phase 1: MariaDB and the disk. */
export async function openBox(host: Host) {
  const database = await openDatabase(host, 'box', 'MariaDB for the box');
  const photos = join(host.home, 'media');
  return {
    ...database,
    photos,
    environment: {
      [SETTING.usersDatabase]: database.urls.users,
      [SETTING.inventoryDatabase]: database.urls.inventory,
      [SETTING.media]: `file:${photos}`,
    },
  };
}

/** The side that phase 2 adds: another MariaDB for Aurora, and an S3, which also has the bucket of the marker. */
export async function openManaged(host: Host) {
  const [database, s3] = await Promise.all([
    openDatabase(host, writerIn(host.home), 'MariaDB for Aurora'),
    startS3(host),
  ]);
  host.servers.tell({ s3: s3.url });
  return {
    ...database,
    uploadOrigin: s3.url,
    s3Log: s3.log,
    environment: {
      ...s3Environment(s3.url),
      [SETTING.managedUsersDatabase]: database.urls.users,
      [SETTING.managedInventoryDatabase]: database.urls.inventory,
      [SETTING.managedMedia]: `s3://${BUCKETS.media}`,
      [SETTING.placementBucket]: BUCKETS.deployments,
    },
  };
}

async function openDatabase({ servers, home, binaries }: Host, id: string, name: string) {
  const socket = join(servers.sockets, `${id}.sock`);
  const [folder, log] = [join(home, id), join(home, `${id}.log`)];
  await startMariaDb(servers, { name, folder, socket, log, binaries, args: binaryLogOf(folder) });
  return { socket, log, urls: await provideSchemas(socket) };
}

export async function startS3({
  servers,
  home,
}: Pick<Host, 'servers' | 'home'>): Promise<{ url: string; log: string }> {
  const log = join(home, 's3.log');
  const { said } = await servers.start({
    name: 'The S3',
    ...nodeProgram('local/servers/s3.ts', s3Folder(home)),
    log,
    ready: /^(http:\S+)$/m,
  });
  return { url: said[1] ?? '', log };
}
