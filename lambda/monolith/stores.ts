import { answerCommands } from '../move/agent';
import { followBlobs, followSql } from '../move/follow';
import { openMailbox } from '../move/mailbox';
import { s3Marker } from '../move/marker-s3';
import { createMover } from '../move/mover';
import { claimPlacement } from '../move/placed';
import type { Place } from '../move/placement';
import type { Side } from '../move/sides';
import { type Blobs, openBlobs } from '../shared/blobs';
import type { Logger } from '../shared/log';
import { required, SETTING } from '../shared/settings';
import { type OpenOptions, openSql, type Sql } from '../shared/sql';

/** Where the shop's data is. */
export interface Stores {
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  readonly blobs: Blobs;
  close(): Promise<void>;
}

/** The stores that the environment names; with a second side, those that the stored marker says, and a mover between. */
export async function openStores(env: NodeJS.ProcessEnv, log: Logger): Promise<Stores> {
  const bucket = env[SETTING.placementBucket];
  if (bucket) return followedStores(env, bucket, log);
  const { schemas, blobs, close } = await openSide(env, 'box');
  return { usersSql: schemas.users, inventorySql: schemas.inventory, blobs, close };
}

async function followedStores(env: NodeJS.ProcessEnv, bucket: string, log: Logger): Promise<Stores> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client();
  const placed = await claimPlacement(s3Marker(client, bucket));
  const [box, managed] = await Promise.all([openSide(env, 'box'), openSide(env, 'managed')]);
  // Pools of its own: the shop's ten connections are for shoppers, who do not wait for sums of whole tables.
  const unhurried = { unhurried: true };
  const movers = await Promise.all([openSide(env, 'box', unhurried), openSide(env, 'managed', unhurried)]);
  const mover = createMover({ sides: { box: movers[0], managed: movers[1] }, placed });
  const stopAnswering = answerCommands({ mailbox: openMailbox(client, bucket), mover, log });
  const follow = (schema: 'users' | 'inventory') =>
    followSql(placed, { box: box.schemas[schema], managed: managed.schemas[schema] });
  return {
    usersSql: follow('users'),
    inventorySql: follow('inventory'),
    blobs: followBlobs(placed, { box: box.blobs, managed: managed.blobs }),
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

interface OpenSide extends Side {
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
