import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createShop } from '../lambda/monolith/app';
import { openBlobs } from '../lambda/shared/blobs';
import type { Logger } from '../lambda/shared/log';
import type { Fetch } from '../lambda/shared/serve';
import type { Phase } from '../lib/phases';
import { openDatabases } from './databases';
import { inFolder } from './folder';
import { hasManagedSide } from './phase';
import type { Row } from './screen';
import { seed } from './seed/seed';
import { STOREFRONT, site } from './site';

export interface LocalShop {
  readonly fetch: Fetch;
  /** Whether this start filled it. */
  readonly isNew: boolean;
  /** Where its data is. */
  readonly folder: string;
  /** What people should know about what it runs on: a name, and lines about it. */
  readonly runsOn: readonly Row[];
  /** Resolves to why, when something that it runs on has ended. */
  readonly broken?: Promise<string>;
  close(): Promise<void>;
}

/** The shop whose data is in `folder`; an empty folder gets a shop filled with things to look at. */
export async function openShop(folder: string, phase: Phase, log: Logger): Promise<LocalShop> {
  const { shop, fresh } = inFolder(folder);
  const isNew = !existsSync(shop);
  if (isNew) {
    // Made beside and renamed when whole: a first start that was cut off leaves nothing half.
    rmSync(fresh, { recursive: true, force: true });
    await fill(fresh, log);
    renameSync(fresh, shop);
  }
  const { databases, fetch, background } = await opened(shop, log);
  const stopBackground = background();
  return {
    fetch: site(fetch, STOREFRONT),
    isNew,
    folder,
    runsOn: [
      ['Runs on', `Node ${process.versions.node}, two embedded SQLite databases, one process`],
      ['Not here', ...notHere(phase)],
    ],
    close: async () => {
      await stopBackground();
      await databases.close();
    },
  };
}

async function fill(folder: string, log: Logger): Promise<void> {
  const { databases, fetch, users } = await opened(folder, log);
  try {
    // No socket: these requests never leave the process, and the one thing that is read from it is given below.
    const noBindings = {} as HttpBindings;
    await seed(async (request) => fetch(request, noBindings), users.grantStaff);
  } finally {
    await databases.close();
  }
}

async function opened(folder: string, log: Logger) {
  const databases = await openDatabases(folder);
  const blobs = await openBlobs(`file:${join(folder, 'media')}`);
  return { databases, ...createShop({ ...databases, blobs, address, log }) };
}

/** It listens on this machine's own address, so that is where everybody comes from. */
const address = () => '127.0.0.1';

function notHere(phase: Phase): readonly [string, ...string[]] {
  const brings = '--servers brings what stands for it';
  if (!hasManagedSide(phase)) return [`nginx, MariaDB; ${brings}`];
  if (phase.tiers === 'none') return [`nginx, MariaDB, Aurora, S3; ${brings}`];
  return ['nginx, Aurora and its standby, S3, read and write processes;', brings];
}
