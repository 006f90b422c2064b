import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/settings';
import { provideSchemas } from './accounts';
import type { MariaDbBinaries } from './binaries';
import { binaryLogOf, writerIn } from './cluster';
import { BUCKETS, s3Environment } from './local-s3';
import { startMariaDb } from './mariadb';
import { s3Folder } from './placement';
import { nodeProgram, type Servers } from './processes';

export interface Host {
  readonly servers: Servers;
  /** Where all servers keep what they keep. */
  readonly home: string;
  readonly binaries: MariaDbBinaries;
  /** Tells people how it goes. */
  readonly say: (line: string) => void;
}

/** Phase 1's side: MariaDB and the disk. */
export async function openBox(host: Host) {
  const database = await openDatabase(host, 'box', 'MariaDB of the box');
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

/** What phase 2 adds: another MariaDB, that stands for Aurora, and an S3. With the bucket of the marker, which decides. */
export async function openManaged(host: Host) {
  const [database, s3] = await Promise.all([
    openDatabase(host, writerIn(host.home), 'MariaDB that stands for Aurora'),
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
    ...nodeProgram(['local', 'servers', 's3.ts'], s3Folder(home)),
    log,
    ready: /^(http:\S+)$/m,
  });
  return { url: said[1] ?? '', log };
}
