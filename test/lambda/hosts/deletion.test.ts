import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { createInventory, type Inventory } from '../../../lambda/inventory/service';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { serve } from '../../../lambda/shared/http/serve';
import { createRpcClient } from '../../../lambda/shared/rpc/client';
import { inventoryContract } from '../../../lambda/shared/rpc/inventory-contract';
import { createRpcServer } from '../../../lambda/shared/rpc/server';
import type { Sql, Statements } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { insertAccount } from '../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../lambda/users/migrations';
import { createUsers } from '../../../lambda/users/service';
import { insertSession } from '../../../lambda/users/sessions/repository';
import { newToken, tokenHash } from '../../../lambda/users/sessions/tokens';
import { cleanup } from '../../support/cleanup';
import { emptiedSchema } from '../../support/emptied-schema';
import { engines } from '../../support/engines';
import { MUG } from '../inventory/shop';
import { cheapPasswords, DAY, MINUTE, PASSWORD } from '../users/support';

const log = pino({ level: 'silent' });
const STOPPED = 'The machine stopped';

/** A machine that stops before its nth step, or after it and before the answer. A step is a statement or a commit. */
function machine(last: number, when: 'before' | 'after') {
  let steps = 0;
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    steps += 1;
    if (steps > last || (steps === last && when === 'before')) throw new Error(STOPPED);
    const result = await work();
    if (steps >= last) throw new Error(STOPPED);
    return result;
  };
  const statements = ({ query, execute }: Statements): Statements => ({
    query: (...given) => step(() => query(...given)) as never,
    execute: (...given) => step(() => execute(...given)),
  });
  return {
    hasStopped: () => steps >= last,
    on: (sql: Sql): Sql => ({
      ...sql,
      ...statements(sql),
      transaction: (work) => step(() => sql.transaction((tx) => work(statements(tx)))),
    }),
  };
}

describe.each(engines())('an account that is deleted across services, on $name', (engine) => {
  let usersSql: Sql;
  let inventorySql: Sql;
  let inventory: Inventory;
  let productId: string;
  let passwordHash: string;
  let now = Date.now();
  /** The present inventory service behind the calls. */
  let answering: Inventory | undefined;
  let call: { forgetUser(userId: string): Promise<void> };

  beforeAll(async () => {
    usersSql = await emptiedSchema(engine, 'users', usersMigrations);
    inventorySql = await emptiedSchema(engine, 'inventory', inventoryMigrations);
    inventory = inventoryOn(inventorySql);
    const { product } = await inventory.catalog.create(MUG);
    productId = product.id;
    const received = { kind: 'received', quantity: 1000, reason: null } as const;
    await inventory.stock.write(productId, received, 'staff', randomUUID());
    passwordHash = await cheapPasswords().hash(PASSWORD);
    const methods = {
      forgetUser: async ({ userId }: { userId: string }) => {
        if (!answering) throw new Error(STOPPED);
        await answering.forgetUser(userId);
        return {};
      },
      signingKeys: async () => ({ keys: [] }),
    };
    const fetch = createRpcServer(inventoryContract, methods, { role: 'all', log });
    const { port, stop } = await serve({ fetch, log, port: 0 });
    cleanup(stop);
    const client = createRpcClient(inventoryContract, { url: `http://127.0.0.1:${port}` });
    cleanup(client.close);
    call = { forgetUser: async (userId) => void (await client.forgetUser({ userId })) };
  });

  const inventoryOn = (sql: Sql) =>
    createInventory({
      ...{ sql, log, blobs: {} as Blobs, createPhotoWorker: createThumbnailWorker, now: () => now },
      identify: async (token) => ({ userId: token, role: 'customer' }),
    });
  const usersOn = (sql: Sql) =>
    createUsers({
      ...{ sql, log, clientIp: () => '192.0.2.1', passwords: cheapPasswords(), now: () => now },
      onDeleted: call.forgetUser,
    });

  /** Somebody with a session, and a reservation of three. */
  async function customer() {
    const [id, token] = [uuidv7(), newToken()];
    const account = { id, email: `${id}@example.com`, name: 'Ada', role: 'customer', passwordHash } as const;
    await insertAccount(usersSql, { ...account, createdAt: now });
    const times = { createdAt: now, lastSeenAt: now, expiresAt: now + 7 * DAY };
    await insertSession(usersSql, { id: uuidv7(), userId: id, userAgent: null, ...times }, tokenHash(token));
    const reserved = await inventory.app.request('/api/reservations', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${id}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ items: [{ productId, quantity: 3 }] }),
    });
    expect(reserved.status).toBe(201);
    return { id, token };
  }

  const remove = (users: ReturnType<typeof usersOn>, token: string) =>
    users.app.request(
      '/api/users/me',
      {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ password: PASSWORD }),
      },
      {} as HttpBindings,
    );

  const count = async (sql: Sql, table: string, column: string, id: string) =>
    (await sql.query(`SELECT 1 AS one FROM ${table} WHERE ${column} = ?`, [id])).length;
  const stateOf = async (id: string) => ({
    account: await count(usersSql, 'users', 'id', id),
    sessions: await count(usersSql, 'sessions', 'user_id', id),
    recorded: await count(usersSql, 'deletions', 'user_id', id),
    elsewhere:
      (await count(inventorySql, 'reservations', 'user_id', id)) +
      (await count(inventorySql, 'ledger', 'user_id', id)) +
      (await count(inventorySql, 'idempotency', 'user_id', id)) +
      (await count(inventorySql, 'holders', 'user_id', id)),
  });
  const GONE = { account: 0, sessions: 0, recorded: 0, elsewhere: 0 };
  const reserved = async () =>
    (
      await inventorySql.query<{ reserved: number }>('SELECT reserved FROM stock WHERE product_id = ?', [
        productId,
      ])
    )[0]?.reserved;

  const minutesPass = async () => {
    for (let minute = 0; minute < 3; minute++) {
      now += MINUTE + 1;
      await usersOn(usersSql).sweep();
    }
  };

  test.each(['before', 'after'] as const)(
    'is gone everywhere in the end, or was not deleted at all, wherever a machine stops %s a step',
    async (when) => {
      const outcomes = { deleted: 0, kept: 0 };
      for (let last = 1; ; last++) {
        const { id, token } = await customer();
        const { on, hasStopped } = machine(last, when);
        answering = inventoryOn(on(inventorySql));
        const answer = await remove(usersOn(on(usersSql)), token);
        answering = inventory;
        const { account, sessions, recorded, elsewhere } = await stateOf(id);
        // An account is whole, or it and its sessions are gone and the rest is remembered until it is gone.
        expect({ last, sessions }).toEqual({ last, sessions: account });
        if (account === 0 && elsewhere > 0) expect({ last, recorded }).toEqual({ last, recorded: 1 });
        if (answer.status === 204) expect({ last, account }).toEqual({ last, account: 0 });
        await minutesPass();
        if (account === 0) expect({ last, ...(await stateOf(id)) }).toEqual({ last, ...GONE });
        else expect(await stateOf(id)).toMatchObject({ account: 1, recorded: 0 });
        outcomes[account === 0 ? 'deleted' : 'kept'] += 1;
        // The same person deletes now whatever was not deleted.
        if (account === 1) {
          expect((await remove(usersOn(usersSql), token)).status).toBe(204);
          await minutesPass();
          expect({ last, ...(await stateOf(id)) }).toEqual({ last, ...GONE });
        }
        if (!hasStopped()) break;
      }
      expect(outcomes.kept).toBeGreaterThan(3);
      expect(outcomes.deleted).toBeGreaterThan(3);
      expect(await reserved()).toBe(0);
    },
    120_000,
  );

  test('is deleted at once while the other service is away, and there when that is back', async () => {
    const { id, token } = await customer();
    answering = undefined;
    expect((await remove(usersOn(usersSql), token)).status).toBe(204);
    await minutesPass();
    expect(await stateOf(id)).toMatchObject({ account: 0, sessions: 0, recorded: 1 });
    answering = inventory;
    await minutesPass();
    expect(await stateOf(id)).toEqual(GONE);
    expect(await reserved()).toBe(0);
  });
});
