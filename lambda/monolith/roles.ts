import { readFile } from 'node:fs/promises';
import type { Logger } from '../shared/log';
import type { Hosted } from '../shared/run';
import { required, SETTING } from '../shared/settings';
import { addressBehindProxies } from '../users/address';
import type { Seen } from '../users/seen';
import { seenOverHttp } from '../users/seen-over-http';
import { createShop, type Shop } from './app';
import { readOnly } from './read-only';
import { openStores } from './stores';

type Open = (env: NodeJS.ProcessEnv, log: Logger) => Promise<Hosted>;

/** What a process may be; which one is decided here alone. */
const ROLES: Readonly<Record<string, Open>> = {
  /** Everything, as one process that nothing is in front of but a proxy on its own host: the box. */
  all: async (env, log) => {
    const { shop, close } = await opened(env, log);
    return { fetch: shop.fetch, close: afterBackground(shop, close) };
  },
  /** Everything, behind a load balancer. */
  write: async (env, log) => {
    const { shop, close } = await opened(env, log);
    return { fetch: shop.fetch, ready: shop.ready, close: afterBackground(shop, close) };
  },
  /** What changes nothing, with database users that cannot: nothing runs beside the requests. */
  read: async (env, log) => {
    const { shop, close } = await opened(env, log, await toldToWriter(env, log));
    return { fetch: readOnly(shop.fetch), ready: shop.ready, close };
  },
};

/** Opens the shop in the role that the environment names. @throws Error when there is none of that name */
export const openInRole: Open = (env, log) => {
  const role = env[SETTING.shopRole] ?? 'all';
  const open = Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
  if (open) return open(env, log);
  throw new Error(`${SETTING.shopRole} is ${Object.keys(ROLES).join(', ')}, not "${role}"`);
};

async function opened(env: NodeJS.ProcessEnv, log: Logger, seen?: Seen) {
  const stores = await openStores(env, log);
  return { shop: createShop({ ...stores, address: addressBehindProxies, log, seen }), close: stores.close };
}

function afterBackground(shop: Shop, close: () => Promise<void>): () => Promise<void> {
  const stopBackground = shop.background();
  return async () => {
    await stopBackground();
    await close();
  };
}

async function toldToWriter(env: NodeJS.ProcessEnv, log: Logger): Promise<Seen> {
  const file = env[SETTING.writeAuthority];
  const authority = file ? await readFile(file, 'utf8') : undefined;
  return seenOverHttp({ url: required(env, SETTING.writeUrl), authority, log });
}
