import { createInventory, type Role } from '../inventory/service';
import { openBlobs } from '../shared/blobs/open';
import { originsFrom } from '../shared/http/cross-origin';
import { inventoryContract } from '../shared/rpc/inventory-contract';
import { createRpcServer } from '../shared/rpc/server';
import { usersContract } from '../shared/rpc/users-contract';
import { required, SETTING } from '../shared/runtime/settings';
import { readSigningKeys } from '../shared/sql/signing-keys';
import { createThumbnailWorker } from '../thumbnails/worker';
import { createSessionLookUp } from '../users/sessions/session-copies';
import { openFreshReads, withFreshReads } from './fresh-reads-keys';
import type { OpenService } from './open-service';
import { openPhotoQueue } from './photo-queue';
import { remoteIdentity } from './remote-identity';
import { openRpcClient } from './rpc-client';
import { openSchema } from './schema';
import { openSharedCache } from './shared-cache';
import { documentOf, withWholeDocument } from './whole-document';

/** The inventory service alone. Everything anonymous goes on without the user service. */
export const openInventory: OpenService = async (env, log, options = {}) => {
  const { keys, replicas, sessionCopies, use } = options;
  const users = await openRpcClient(usersContract, required(env, SETTING.usersRpcUrl), env);
  const blobs = await openBlobs(required(env, SETTING.media));
  const sql = await openSchema(env, log, 'inventory', { replicas, use });
  const photoQueue = await openPhotoQueue(env);
  const fresh = keys && openFreshReads(sql, log, keys);
  const { cache, closing } = await openSharedCache(env, log);
  const lookUp = cache && sessionCopies === 'use' ? createSessionLookUp(cache) : undefined;
  const inventory = createInventory({
    ...{ sql, blobs, cache, log, photoQueue, createPhotoWorker: createThumbnailWorker },
    allowedOrigins: originsFrom(env[SETTING.allowedOrigins]),
    identify: remoteIdentity({ users, lookUp }),
    namesOf: async (userIds) => (await users.names({ userIds })).names,
    mayReadFresh: fresh?.freshReads.pay,
  });
  const methods = {
    forgetUser: async ({ userId }: { userId: string }) => {
      await inventory.forgetUser(userId);
      return {};
    },
    signingKeys: async () => ({ keys: await readSigningKeys(sql) }),
  };
  const service = {
    ...inventory,
    fetch: withWholeDocument(inventory.fetch, log, async () => [
      (await users.document({})).document,
      await documentOf(inventory.app, 'inventory'),
    ]),
    rpc: (role: Role) => createRpcServer(inventoryContract, methods, { role, log }),
    close: closing(async () => {
      users.close();
      photoQueue?.close();
      await sql.close();
    }),
  };
  return withFreshReads(service, fresh);
};
