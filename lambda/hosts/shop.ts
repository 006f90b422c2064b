import { createInventory, type Inventory, type Role } from '../inventory/service';
import type { Blobs } from '../shared/blobs/blobs';
import type { Cache } from '../shared/cache/cache';
import type { ReadClientIp } from '../shared/http/client-ip';
import type { FastPath } from '../shared/http/fast-path';
import type { FreshReads } from '../shared/http/fresh-reads';
import { pathOf } from '../shared/http/path';
import type { Fetch } from '../shared/http/serve';
import type { Logger } from '../shared/runtime/log';
import type { Sql } from '../shared/sql/sql';
import { createThumbnailWorker } from '../thumbnails/worker';
import { createUsers, type Users, type UsersOptions } from '../users/service';
import type { TouchSession } from '../users/sessions/session-touch';
import { serviceOf } from './service-routes';
import { documentOf, withWholeDocument } from './whole-document';

export interface ShopOptions {
  /** The migrated schemas. No query spans both. */
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  readonly blobs: Blobs;
  readonly clientIp: ReadClientIp;
  readonly log: Logger;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Shared with the other processes of the shop. Default: none. */
  readonly cache?: Cache | undefined;
  /** Default: this process stores it. */
  readonly touchSession?: TouchSession;
  /** Default: none. */
  readonly sessionCopies?: UsersOptions['sessionCopies'];
  /** Default: no client needs to read past a cache, since this is the only process. */
  readonly mayReadFresh?: FreshReads['pay'];
}

export interface Shop {
  readonly fetch: Fetch;
  readonly fastPath: FastPath | undefined;
  readonly users: Users;
  readonly inventory: Inventory;
  /** Rejects while a dependency does not answer. */
  ready(): Promise<void>;
  /** Starts the background work of both services in a role and returns the stop function. Default: in all. */
  background(role?: Role): () => Promise<void>;
  /** Does once what is due beside requests. */
  duties(): Promise<void>;
}

/** Both services in one process, each calling the other in process: how the shop starts (decision 0002). */
export function createShop(options: ShopOptions): Shop {
  const { usersSql, inventorySql, blobs, cache, clientIp, log, allowedOrigins } = options;
  const { touchSession, sessionCopies, mayReadFresh } = options;
  const users = createUsers({
    sql: usersSql,
    clientIp,
    log,
    allowedOrigins,
    touchSession,
    sessionCopies,
    onDeleted: (userId) => inventory.forgetUser(userId),
  });
  const inventory = createInventory({
    sql: inventorySql,
    identify: users.identify,
    namesOf: users.names,
    blobs,
    createPhotoWorker: createThumbnailWorker,
    cache,
    log,
    allowedOrigins,
    mayReadFresh,
  });

  const fetch: Fetch = async (request, bindings) => {
    const path = pathOf(request.url);
    if (serviceOf(path) === 'users') return users.app.fetch(request, bindings);
    // One process is ready when both of its services are.
    if (path === '/readyz') {
      const answer = await users.app.fetch(request, bindings);
      if (!answer.ok) return answer;
    }
    return inventory.fetch(request, bindings);
  };

  return {
    users,
    inventory,
    fastPath: inventory.fastPath,
    fetch: withWholeDocument(fetch, log, () =>
      Promise.all([documentOf(users.app, 'users'), documentOf(inventory.app, 'inventory')]),
    ),
    ready: async () => {
      await Promise.all([users.ready(), inventory.ready()]);
    },
    duties: async () => {
      await users.sweep();
      await inventory.duties();
    },
    background: (role = 'all') => {
      const stops = [...(role === 'read' ? [] : [users.background()]), inventory.background(role)];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
  };
}
