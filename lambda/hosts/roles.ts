import type { Role } from '../inventory/service';
import { pathOf } from '../shared/http/path';
import type { Fetch } from '../shared/http/serve';
import type { Logger } from '../shared/runtime/log';
import { SETTING } from '../shared/runtime/settings';
import type { HostedService } from './hosted-service';
import type { OpenService, OpenServiceOptions } from './open-service';
import { showsOwnWrites } from './own-writes';
import { readOnly } from './read-only';
import { givesWroteCookie } from './wrote-cookie';

/** A service in a role, that does nothing beside requests yet. */
interface InRole extends Pick<HostedService, 'fastPath' | 'duties' | 'close'> {
  readonly fetch: Fetch;
  /** If given, it must succeed once before requests come. */
  readonly ready?: () => Promise<void>;
  /** Starts the background work of the role and returns the stop function. */
  background(): () => Promise<void>;
}

type Open = (
  env: NodeJS.ProcessEnv,
  log: Logger,
  open: OpenService,
  use?: OpenServiceOptions['use'],
) => Promise<InRole>;

/** The roles of a process by the value of SHOP_ROLE, the same for every service. */
const ROLES: Readonly<Record<Role, Open>> = {
  /** Reads, writes and background work in one process, behind a proxy on the same host: the box. */
  all: async (env, log, open, use) => {
    const service = await open(env, log, { sessionCopies: 'end', use });
    return { ...beside(service, 'all'), fetch: withCalls(service.fetch, service.rpc?.('all')) };
  },
  /** Reads, writes and background work, behind a load balancer; other processes cache data that changes here. */
  write: async (env, log, open, use) => {
    const service = await open(env, log, { keys: 'rotate', replicas: 'beat', sessionCopies: 'end', use });
    const { freshReads, ready } = service;
    const fetch = freshReads ? givesWroteCookie(service.fetch, freshReads) : service.fetch;
    return { ...beside(service, 'write'), ready, fetch: withCalls(fetch, service.rpc?.('write')) };
  },
  /** Requests that change nothing, with database users without write privileges. It also reads the signing keys. */
  read: async (env, log, open, use) => {
    const from = { keys: 'refresh', replicas: 'use', sessionCopies: 'use', sessionUse: 'report' } as const;
    const service = await open(env, log, { ...from, use });
    // Without keys it takes any cookie for true.
    const { ready, freshReads = { verify: () => true } } = service;
    const fetch = readOnly(showsOwnWrites(service.fetch, freshReads));
    return { ...beside(service, 'read'), ready, fetch: withCalls(fetch, service.rpc?.('read')) };
  },
};

/** Opens a service in the role of SHOP_ROLE. @throws Error for an unknown value */
export const openInRole: Open = (env, log, open, use) =>
  named(ROLES, SETTING.shopRole, env)(env, log, open, use);

/** The value of a table that a setting names; by default that of `all`. @throws Error with the known names */
export function named<Value>(
  table: Readonly<Record<string, Value>>,
  setting: string,
  env: NodeJS.ProcessEnv,
): Value {
  const name = env[setting] ?? 'all';
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found) return found;
  throw new Error(`${setting} must be one of ${Object.keys(table).join(', ')}, not "${name}"`);
}

const beside = ({ fastPath, background, duties, close }: HostedService, role: Role) => ({
  fastPath,
  background: () => background(role),
  duties,
  close,
});

/** Calls of other services pass by cookies, caches and the refusal of methods, which are for clients. */
const withCalls = (fetch: Fetch, rpc: Fetch | undefined): Fetch =>
  rpc
    ? (request, bindings) => (pathOf(request.url).startsWith('/rpc/') ? rpc : fetch)(request, bindings)
    : fetch;
