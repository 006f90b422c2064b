import { clientIpBehindProxies } from '../shared/http/client-ip';
import { originsFrom } from '../shared/http/cross-origin';
import { inventoryContract } from '../shared/rpc/inventory-contract';
import { createRpcServer } from '../shared/rpc/server';
import { usersContract } from '../shared/rpc/users-contract';
import { SETTING } from '../shared/runtime/settings';
import { freshly } from '../shared/sql/freshly';
import { createKeyRing } from '../shared/sql/signing-keys';
import { createUsers } from '../users/service';
import { followKeys, withFreshReads } from './fresh-reads-keys';
import type { OpenService } from './open-service';
import { reportedSessions } from './reported-sessions';
import { openRpcClient } from './rpc-client';
import { openSharedCache } from './shared-cache';
import { openUsersStore } from './users-store';
import { documentOf } from './whole-document';

/** The user service alone. It starts, and everything but the last step of a deletion goes on, without the other one. */
export const openUsers: OpenService = async (env, log, options = {}) => {
  const { sessionUse, keys, replicas, sessionCopies: access, use } = options;
  const store = await openUsersStore(env, log, { replicas, use });
  const touchSession = sessionUse === 'report' ? await reportedSessions(env, log) : undefined;
  const { sessionCopies, closing } = await openSharedCache(env, log, access);
  const url = env[SETTING.inventoryRpcUrl];
  const inventory = url ? await openRpcClient(inventoryContract, url, env) : undefined;
  const users = createUsers({
    ...{ sql: store, clientIp: clientIpBehindProxies, log, touchSession, sessionCopies },
    allowedOrigins: originsFrom(env[SETTING.allowedOrigins]),
    onDeleted: inventory && (async (userId) => void (await inventory.forgetUser({ userId }))),
  });
  // Those that read take any cookie for true, which costs a read at the primary at most.
  const ring =
    inventory && keys === 'rotate'
      ? createKeyRing(async () => (await inventory.signingKeys({})).keys)
      : undefined;
  const methods = {
    identify: async ({ token, from }: { token: string; from: 'copies' | 'primary' | 'record' }) => {
      const known =
        from === 'primary'
          ? await freshly(() => users.identify(token))
          : await users.identify(token, from === 'record' ? from : undefined);
      return { identity: known && { userId: known.userId, role: known.role } };
    },
    names: async ({ userIds }: { userIds: string[] }) => ({ names: await users.names(userIds) }),
    document: async () => ({ document: await documentOf(users.app, 'users') }),
  };
  const service = {
    ...users,
    fetch: users.app.fetch,
    rpc: (role: 'all' | 'read' | 'write') => createRpcServer(usersContract, methods, { role, log }),
    background: (role?: string) => (role === 'read' ? async () => undefined : users.background()),
    duties: users.sweep,
    close: closing(async () => {
      inventory?.close();
      await store.close();
    }),
  };
  return withFreshReads(service, ring && { ...followKeys(ring, ring.refresh, log), isRequired: false });
};
