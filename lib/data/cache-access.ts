import type { AppGroupPlan } from '../phases';
import type { SchemaName } from './schemas';

/** A kind of host, which has a user of the cache. */
export type CacheClient = Pick<AppGroupPlan, 'service' | 'access'>;

/**
 * The commands of the app and of its scripts inside the cache. None lists keys, empties the cache, subscribes or
 * configures (rule DATA-6). Valkey lets everybody try to log in (`AUTH`, `HELLO`).
 */
const commands = ['get', 'getrange', 'set', 'del', 'time', 'eval', 'evalsha'];

/** The keys that each service writes: copies of sessions; and of the catalog, with an epoch or a lock in front of some. */
export const keysOf: Readonly<Record<SchemaName, readonly string[]>> = {
  users: ['session:*'],
  inventory: ['catalog:*', '*product:*', '*products:*', '*categories:*'],
};

/** In the syntax of Valkey's ACL rules. Read hosts fill what they miss, so they write too. */
export function accessString(client: CacheClient): string {
  return ['on', ...patternsOf(client), '-@all', ...commands.map((each) => `+${each}`)].join(' ');
}

function patternsOf({ service, access }: CacheClient): string[] {
  // The cache is the shop's own: there are no keys of others.
  if (service === 'all') return ['~*'];
  const own = keysOf[service].map((key) => `~${key}`);
  // Hosts of inventory that read recognise sessions by the copies of the user service, which they cannot change.
  return service === 'inventory' && access === 'read'
    ? [...own, ...keysOf.users.map((key) => `%R~${key}`)]
    : own;
}

/** The clients of a phase whose hosts have both services, and those that come with services of their own. */
export const sharedClients: readonly CacheClient[] = [
  { service: 'all', access: 'read' },
  { service: 'all', access: 'write' },
];
export const serviceClients: readonly CacheClient[] = [
  { service: 'users', access: 'read' },
  { service: 'users', access: 'write' },
  { service: 'inventory', access: 'read' },
  { service: 'inventory', access: 'write' },
];
