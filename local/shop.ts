import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createShop } from '../lambda/hosts/shop';
import { openBlobs } from '../lambda/shared/blobs/open';

import type { Cache } from '../lambda/shared/cache/cache';
import { createMemoryCache } from '../lambda/shared/cache/memory-cache';
import type { ReadClientIp } from '../lambda/shared/http/client-ip';
import { originsFrom } from '../lambda/shared/http/cross-origin';
import type { Fetch } from '../lambda/shared/http/serve';
import type { Logger } from '../lambda/shared/runtime/log';
import { SETTING } from '../lambda/shared/runtime/settings';
import type { Phase } from '../lib/phases';
import type { Row } from './banner';
import { dataDirPaths } from './data-dir';
import { createDatabases, type Databases, databaseFiles, openDatabases } from './databases';
import { hasManagedSide, readersOf } from './phase';
import { seed } from './seed/seed';
import { STOREFRONT, site } from './site';

export interface LocalShop {
  readonly fetch: Fetch;
  /** True if this start filled it. */
  readonly isNew: boolean;
  /** The folder of its data. */
  readonly folder: string;
  /** The parts that it runs on, for the start banner. */
  readonly runsOn: readonly Row[];
  /** Files that it keeps open, and cannot go on without. */
  readonly files: readonly string[];
  /** Resolves to why, when something that it runs on has ended. */
  readonly broken?: Promise<string>;
  close(): Promise<void>;
}

/** Opens the shop in `folder`; an empty folder is filled with sample data. */
export async function openShop(folder: string, phase: Phase, log: Logger): Promise<LocalShop> {
  const { shop, fresh } = dataDirPaths(folder);
  const isNew = !existsSync(shop);
  if (isNew) {
    // Filled under another name and renamed: an interrupted first start leaves no partial shop.
    rmSync(fresh, { recursive: true, force: true });
    await fill(fresh, log);
    renameSync(fresh, shop);
  }
  const databases = await openDatabases(shop);
  const cache = phase.cache === 'none' ? undefined : createMemoryCache();
  const { fetch, background } = await serving(shop, databases, log, cache);
  const stopBackground = background();
  return {
    fetch: site(fetch, STOREFRONT, { rendersProducts: true }),
    isNew,
    folder,
    files: Object.values(databaseFiles(shop)),
    runsOn: [
      ['Runs on', `Node ${process.versions.node}, two embedded SQLite databases, one process`],
      ...(phase.cache === 'none' ? [] : [CACHE_ROW]),
      ['Left out', ...leftOut(phase)],
    ],
    close: async () => {
      await stopBackground();
      await databases.close();
    },
  };
}

async function fill(folder: string, log: Logger): Promise<void> {
  const databases = await createDatabases(folder);
  try {
    const { fetch, users } = await serving(folder, databases, log);
    // No socket: these requests never leave the process, and the one thing that is read from it is given below.
    const noBindings = {} as HttpBindings;
    await seed(async (request) => fetch(request, noBindings), users.grantStaff);
  } finally {
    await databases.close();
  }
}

async function serving(folder: string, databases: Databases, log: Logger, cache?: Cache) {
  const blobs = await openBlobs(`file:${join(folder, 'media')}`);
  const allowedOrigins = originsFrom(process.env[SETTING.allowedOrigins]);
  return createShop({ ...databases, blobs, clientIp: address, log, cache, allowedOrigins });
}

/** Requests that fill a new shop have no socket. */
const address: ReadClientIp = (c) => c.env.incoming?.socket.remoteAddress ?? '127.0.0.1';

const CACHE_ROW: Row = ['Cache', 'in the memory of this process; --servers runs Valkey'];

function leftOut(phase: Phase): readonly [string, ...string[]] {
  const brings = '--servers adds local substitutes';
  if (!hasManagedSide(phase)) return [`nginx, MariaDB; ${brings}`];
  if (phase.tiers === 'none') return [`nginx, MariaDB, Aurora, S3; ${brings}`];
  const others = readersOf(phase) > 0 ? 'replicas' : 'standby';
  return [`nginx, Aurora and its ${others}, S3, read and write processes;`, brings];
}
