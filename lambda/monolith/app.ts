import { createInventory, type Inventory } from '../inventory/service';
import type { Blobs } from '../shared/blobs';
import type { Logger } from '../shared/log';
import { pathOf } from '../shared/path';
import type { Fetch } from '../shared/serve';
import type { Sql } from '../shared/sql';
import type { ClientAddress } from '../users/address';
import type { Seen } from '../users/seen';
import { createUsers, type Users } from '../users/service';

export interface ShopOptions {
  /** The schemas, migrated. No query crosses from one to the other. */
  readonly usersSql: Sql;
  readonly inventorySql: Sql;
  readonly blobs: Blobs;
  readonly address: ClientAddress;
  readonly log: Logger;
  /** Default: stored by this process. */
  readonly seen?: Seen;
}

export interface Shop {
  readonly fetch: Fetch;
  readonly users: Users;
  readonly inventory: Inventory;
  /** Throws when something does not answer that it cannot work without. */
  ready(): Promise<void>;
  /** What services do beside requests, until the returned function is called. */
  background(): () => Promise<void>;
}

/** Where the user service answers; everything else is the inventory service's. Load balancers route by the same. */
const USERS_PATHS = ['/api/users', '/api/sessions'];

/** Both services in one process, each calling the other in process: how the shop starts (decision 2). */
export function createShop({ usersSql, inventorySql, blobs, address, log, seen }: ShopOptions): Shop {
  const users = createUsers({
    sql: usersSql,
    address,
    log,
    seen,
    onDeleted: (userId) => inventory.forgetUser(userId),
  });
  const inventory = createInventory({ sql: inventorySql, identify: users.identify, blobs, log });

  return {
    users,
    inventory,
    fetch: async (request, bindings) => {
      const path = pathOf(request.url);
      if (USERS_PATHS.some((prefix) => path.startsWith(prefix))) return users.app.fetch(request, bindings);
      // One process is ready when both of its services are.
      if (path === '/readyz') {
        const answer = await users.app.fetch(request, bindings);
        if (!answer.ok) return answer;
      }
      return inventory.fetch(request, bindings);
    },
    ready: async () => {
      await Promise.all([users.ready(), inventory.ready()]);
    },
    background: () => {
      const stops = [users.background(), inventory.background()];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
  };
}
