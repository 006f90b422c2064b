import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { functionOf, openInstance } from '../../../lambda/hosts/function';
import { openInventory } from '../../../lambda/hosts/open-inventory';
import type { OpenService } from '../../../lambda/hosts/open-service';
import { openUsers } from '../../../lambda/hosts/open-users';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { RPC_HOST } from '../../../lambda/shared/rpc/contract';
import { createLog, type Logger } from '../../../lambda/shared/runtime/log';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { migrate } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { insertAccount } from '../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../lambda/users/migrations';
import { insertSession } from '../../../lambda/users/sessions/repository';
import { newToken, tokenHash } from '../../../lambda/users/sessions/tokens';
import { cleanup } from '../../support/cleanup';
import { schemaOf } from '../../support/database-users';
import { engines } from '../../support/engines';
import { silent } from '../shared/rpc/calls';

const DAY = 24 * 3_600_000;
const context = {} as never;
/** The event of the schedule. */
const SCHEDULE = { source: 'shop.duties' };

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** An event as a load balancer sends it, of a client behind the web tier. */
const event = (
  method: string,
  path: string,
  { from = '203.0.113.5', body, ...headers }: Record<string, string | undefined> = {},
) => ({
  ...{ httpMethod: method, path, queryStringParameters: {}, body: body ?? '', isBase64Encoded: false },
  headers: {
    ...{ host: 'shop.example', 'x-forwarded-for': `${from}, 10.0.32.7`, 'x-forwarded-proto': 'https' },
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
    ...headers,
  },
  requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1' } },
});

describe.each(engines())('a service as a function, on $name', (engine) => {
  let usersSql: Sql & { url: string };
  let inventorySql: Sql & { url: string };
  beforeAll(async () => {
    [usersSql, inventorySql] = [await engine.open('users'), await engine.open('inventory')];
    await migrate(usersSql, usersMigrations);
    await migrate(inventorySql, inventoryMigrations);
  });

  const opened = async (
    ...[service, env, log = silent]: [typeof openUsers, Record<string, string>, Logger?]
  ) => {
    const { handle, close } = await openInstance(service, env, log);
    const closeOnce = cleanup(close);
    return Object.assign(handle, { close: closeOnce });
  };
  const users = (role = 'write') =>
    opened(openUsers, {
      [SETTING.shopServices]: 'users',
      [SETTING.usersDatabase]: usersSql.url,
      [SETTING.shopRole]: role,
      [SETTING.writeUrl]: 'http://127.0.0.1:1',
    });
  const inventory = (role = 'write', more: Record<string, string> = {}, log?: Logger) =>
    opened(
      openInventory,
      {
        ...more,
        [SETTING.shopServices]: 'inventory',
        [SETTING.inventoryDatabase]: inventorySql.url,
        [SETTING.shopRole]: role,
        [SETTING.usersRpcUrl]: 'http://127.0.0.1:1',
        [SETTING.media]: `file:${mkdtempSync(join(tmpdir(), 'shop-media-'))}`,
      },
      log,
    );

  async function loggedIn() {
    const [id, token, at] = [uuidv7(), newToken(), Date.now()];
    const account = {
      id,
      email: `${id}@example.com`,
      name: 'A',
      role: 'customer',
      passwordHash: 'x',
    } as const;
    await insertAccount(usersSql, { ...account, createdAt: at });
    const times = { createdAt: at, lastSeenAt: at, expiresAt: at + DAY };
    await insertSession(usersSql, { id: uuidv7(), userId: id, userAgent: null, ...times }, tokenHash(token));
    return { id, token };
  }

  test('tells clients by their address, which the balancers forward', async () => {
    const handler = await users();
    const body = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' });
    const logIn = async (from: string) =>
      ((await handler(event('POST', '/api/sessions', { from, body }), context)) as Answer).statusCode;
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push(await logIn('203.0.113.66'));
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect(await logIn('203.0.113.67')).toBe(401);
  });

  test('keeps its role', async () => {
    const body = '{}';
    const post = async (handler: Awaited<ReturnType<typeof users>>) =>
      ((await handler(event('POST', '/api/sessions', { body }), context)) as Answer).statusCode;
    expect(await post(await users('read'))).toBe(405);
    expect(await post(await users('write'))).toBe(400);
  });

  test('answers calls by their own name, and by no other', async () => {
    const { id, token } = await loggedIn();
    const body = JSON.stringify({ token, from: 'record' });
    const call = async (host: string) =>
      (await (
        await users('read')
      )(event('POST', '/rpc/users.identify', { host, body }), context)) as Answer;
    const answer = await call(RPC_HOST);
    expect([answer.statusCode, JSON.parse(answer.body)]).toEqual([
      200,
      { identity: { userId: id, role: 'customer' } },
    ]);
    expect((await call('shop.example')).statusCode).toBe(404);
  });

  test('does by the schedule what a server does beside requests', async () => {
    const { id } = await loggedIn();
    await usersSql.execute('UPDATE sessions SET expires_at = 1 WHERE user_id = ?', [id]);
    expect(await (await users())(SCHEDULE, context)).toBeUndefined();
    expect(await usersSql.query('SELECT id FROM sessions WHERE user_id = ?', [id])).toEqual([]);

    const [reservationId, productId] = [uuidv7(), uuidv7()];
    await inventorySql.execute('INSERT INTO stock (product_id, on_hand, reserved) VALUES (?, 5, 2)', [
      productId,
    ]);
    await inventorySql.execute(
      `INSERT INTO reservations (id, user_id, status, created_at, expires_at) VALUES (?, ?, 'held', 1, 2)`,
      [reservationId, id],
    );
    await inventorySql.execute(
      `INSERT INTO reservation_items (reservation_id, product_id, name, quantity, amount, currency)
       VALUES (?, ?, 'Mug', 2, 100, 'USD')`,
      [reservationId, productId],
    );
    expect(await (await inventory())(SCHEDULE, context)).toBeUndefined();
    expect(await inventorySql.query('SELECT reserved FROM stock WHERE product_id = ?', [productId])).toEqual([
      { reserved: 0 },
    ]);
  });

  /** An instance that logs no plain read by itself, and the lines that it wrote. */
  async function logging() {
    const lines: { msg: string; [name: string]: unknown }[] = [];
    const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) });
    const handler = await inventory('read', { [SETTING.loggedReadsPercent]: '0.000001' }, log);
    const requests = () => lines.filter(({ msg }) => msg === 'request');
    return { handler, lines, requests };
  }

  test('logs what hosts log: no plain read, but each refusal and failure, and counts all of them', async () => {
    const { handler, lines, requests } = await logging();
    for (let n = 0; n < 20; n++) await handler(event('GET', '/api/products'), context);
    expect(requests()).toEqual([]);
    await handler(event('GET', '/api/products/nothing'), context);
    await handler(event('POST', '/api/products', { body: '{}' }), context);
    expect(requests().map(({ method, path, status }) => [method, path, status])).toEqual([
      ['GET', '/api/products/nothing', 400],
      ['POST', '/api/products', 405],
    ]);
    await handler.close();
    expect(lines.filter(({ msg }) => msg === 'requests so far').at(-1)).toMatchObject({
      answered: 22,
      logged: 2,
    });
  });

  test('takes part in the trace that nginx began, and says what a sampled request waited for', async () => {
    const { handler, requests } = await logging();
    const [traceId, requestId] = ['0af7651916cd43dd8448eb211c80319c', 'request-of-nginx'];
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const headers = { traceparent, 'x-request-id': requestId };
    const answer = (await handler(event('GET', '/api/categories', headers), context)) as Answer & {
      headers?: Record<string, string>;
      multiValueHeaders?: Record<string, string[]>;
    };
    expect(requests()).toEqual([
      expect.objectContaining({ traceId, requestId, path: '/api/categories', status: 200 }),
    ]);
    expect(requests()[0]?.spans).toContainEqual(
      expect.objectContaining({ name: expect.stringMatching(/^sql SELECT/) }),
    );
    expect(JSON.stringify(answer.headers ?? answer.multiValueHeaders)).toContain(requestId);
  });

  test('has one connection to its schema', async () => {
    const handler = await inventory();
    for (let n = 0; n < 10; n++) {
      const answer = (await handler(event('GET', '/api/products'), context)) as Answer;
      expect(answer.statusCode).toBe(200);
    }
    await handler(SCHEDULE, context);
    if (engine.name === 'SQLite') return;
    const before = await connections();
    await handler(event('GET', '/api/categories'), context);
    expect(await connections()).toBe(before);
    await (await inventory())(event('GET', '/api/products'), context);
    expect(await connections()).toBe(before + 1);
  });

  const connections = async (): Promise<number> =>
    (
      await inventorySql.query('SELECT id FROM information_schema.processlist WHERE db = ?', [
        schemaOf(inventorySql.url),
      ])
    ).length;
});

test('a function that could not be opened is opened by the next event', async () => {
  let openings = 0;
  const open: OpenService = async () => {
    openings++;
    if (openings === 1) throw new Error('The secret cannot be read');
    return {
      fetch: () => new Response('open'),
      ready: async () => undefined,
      background: () => async () => undefined,
      duties: async () => undefined,
      close: async () => undefined,
    };
  };
  const handler = functionOf(open);
  await expect(handler(event('GET', '/'), context)).rejects.toThrow('The secret cannot be read');
  expect(await handler(event('GET', '/'), context)).toMatchObject({ statusCode: 200, body: 'open' });
  expect(await handler(event('GET', '/'), context)).toMatchObject({ statusCode: 200, body: 'open' });
  expect(openings).toBe(2);
});
