import { S3Client } from '@aws-sdk/client-s3';
import { answerCommands } from '../data-migration/control/agent';
import { openMailbox } from '../data-migration/control/mailbox';
import { createMover } from '../data-migration/mover';
import { s3Marker } from '../data-migration/placement/marker-s3';
import type { Place } from '../data-migration/placement/placement';
import { acquirePlacementLease } from '../data-migration/placement/placement-lease';
import { routedBlobs, routedSql } from '../data-migration/placement/routed-stores';
import type { Endpoint } from '../data-migration/sync/endpoints';
import { openBlobs } from '../shared/blobs/open';
import type { Logger } from '../shared/runtime/log';
import { required, SETTING } from '../shared/runtime/settings';
import { openSql } from '../shared/sql/open';
import type { OpenOptions, Sql } from '../shared/sql/sql';
import { tracedSql } from '../shared/sql/traced';

/** The stores of the side that the marker names, and the mover that carries the data to the other one on command. */
export async function followedStores(env: NodeJS.ProcessEnv, bucket: string, log: Logger) {
  const client = new S3Client();
  const placed = await acquirePlacementLease(s3Marker(client, bucket));
  const [box, managed] = await Promise.all([openSide(env, 'box'), openSide(env, 'managed')]);
  // Separate pools: the shop's ten connections must not wait for checksums of whole tables.
  const maintenance: OpenOptions = { use: 'maintenance' };
  const movers = await Promise.all([
    openSide(env, 'box', maintenance),
    openSide(env, 'managed', maintenance),
  ]);
  const mover = createMover({ sides: { box: movers[0], managed: movers[1] }, placed });
  const to = { move: 'managed', back: 'box' } as const;
  const stopAnswering = answerCommands({ mailbox: openMailbox(client, bucket), mover, to, log });
  const follow = (schema: 'users' | 'inventory') =>
    tracedSql(routedSql(placed, { box: box.schemas[schema], managed: managed.schemas[schema] }));
  return {
    usersSql: follow('users'),
    inventorySql: follow('inventory'),
    blobs: routedBlobs(placed, { box: box.blobs, managed: managed.blobs }),
    close: async () => {
      await stopAnswering();
      await Promise.all([box, managed, ...movers].map(({ close }) => close()));
      client.destroy();
    },
  };
}

interface Schemas extends Readonly<Record<string, Sql>> {
  readonly users: Sql;
  readonly inventory: Sql;
}

interface OpenSide extends Endpoint {
  readonly schemas: Schemas;
  close(): Promise<void>;
}

const SETTINGS: Readonly<Record<Place, { users: string; inventory: string; media: string }>> = {
  box: { users: SETTING.usersDatabase, inventory: SETTING.inventoryDatabase, media: SETTING.media },
  managed: {
    users: SETTING.managedUsersDatabase,
    inventory: SETTING.managedInventoryDatabase,
    media: SETTING.managedMedia,
  },
};

async function openSide(env: NodeJS.ProcessEnv, place: Place, options?: OpenOptions): Promise<OpenSide> {
  const names = SETTINGS[place];
  const [users, inventory, blobs] = await Promise.all([
    openSql(required(env, names.users), options),
    openSql(required(env, names.inventory), options),
    openBlobs(required(env, names.media)),
  ]);
  return {
    schemas: { users, inventory },
    blobs,
    close: async () => {
      await Promise.all([users.close(), inventory.close()]);
    },
  };
}
