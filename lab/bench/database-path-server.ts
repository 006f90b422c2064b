/** One server of `database-path.ts`, in a process of its own whose CPU time is the measurement. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createConnection, createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2';
import { uuidv7 } from 'uuidv7';
import { createShop } from '../../lambda/hosts/shop';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { openBlobs } from '../../lambda/shared/blobs/open';
import { serve } from '../../lambda/shared/http/serve';
import { createLog } from '../../lambda/shared/runtime/log';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { insertAccount } from '../../lambda/users/accounts/repository';
import { usersMigrations } from '../../lambda/users/migrations';
import { insertSession } from '../../lambda/users/sessions/repository';
import { newToken, tokenHash } from '../../lambda/users/sessions/tokens';
import { measured } from './measured-server';

const ACCOUNTS = 4000;
const PRODUCTS = 500;
const log = createLog();

async function main(variant = '', folder = '', socketPath = ''): Promise<void> {
  const schemas = await createSchemas(variant, socketPath);
  const open = (schema: string) =>
    openSql(`mysql://root@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`);
  const [usersSql, inventorySql] = await Promise.all([open(schemas.users), open(schemas.inventory)]);
  await migrate(usersSql, usersMigrations);
  await migrate(inventorySql, inventoryMigrations);
  const blobs = await openBlobs(`file:${join(folder, 'media')}`);
  const shop = createShop({ usersSql, inventorySql, blobs, clientIp: () => '', log });
  const products = await stockProducts(shop.inventory);
  const tokens = await logInAccounts(usersSql);

  const { port } = variant.startsWith('bare')
    ? await bare(createPool({ socketPath, user: 'root', connectionLimit: 10 }), schemas)
    : await serve({ fetch: shop.fetch, fastPath: shop.fastPath, log, port: 0 });
  const requests = tokens.map((token, n) =>
    variant.endsWith('profile')
      ? profile(port, token)
      : reservation(port, token, products[n % PRODUCTS] ?? ''),
  );
  measured({ port, requests });
}

const head = (line: string, port: number, token: string) =>
  `${line} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\n`;

const profile = (port: number, token: string) => `${head('GET /api/users/me', port, token)}\r\n`;

function reservation(port: number, token: string, productId: string): string {
  const body = JSON.stringify({ items: [{ productId, quantity: 1 }] });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nIdempotency-Key: {uuid}\r\n`;
  return `${head('POST /api/reservations', port, token)}${headers}\r\n${body}`;
}

type Schemas = Readonly<Record<'users' | 'inventory', string>>;

async function createSchemas(variant: string, socketPath: string): Promise<Schemas> {
  const name = variant.replace(' ', '_');
  const schemas = { users: `${name}_users`, inventory: `${name}_inventory` };
  const admin = createConnection({ socketPath, user: 'root' }).promise();
  for (const schema of Object.values(schemas))
    await admin.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await admin.end();
  return schemas;
}

async function stockProducts({
  catalog,
  stock,
}: ReturnType<typeof createShop>['inventory']): Promise<string[]> {
  const facts = { category: 'kitchen', name: 'Kettle', description: 'x'.repeat(700), picture: null };
  const ids: string[] = [];
  for (let n = 0; n < PRODUCTS; n++) {
    const { product } = await catalog.create({ ...facts, price: { amount: 4900, currency: 'USD' } });
    const received = { kind: 'received', quantity: 1_000_000, reason: null } as const;
    await stock.write(product.id, received, 'staff', randomUUID());
    ids.push(product.id);
  }
  return ids;
}

/** Returns the tokens of their sessions. */
async function logInAccounts(sql: Sql): Promise<string[]> {
  const createdAt = Date.now();
  const expiresAt = createdAt + 24 * 3_600_000;
  return sql.transaction(async (tx) => {
    const tokens: string[] = [];
    for (let n = 0; n < ACCOUNTS; n++) {
      const [id, token] = [uuidv7(), newToken()];
      const account = { id, email: `${id}@example.com`, name: 'Ada', role: 'customer' } as const;
      await insertAccount(tx, { ...account, passwordHash: '', createdAt });
      const session = {
        id: uuidv7(),
        userId: id,
        userAgent: null,
        createdAt,
        lastSeenAt: createdAt,
        expiresAt,
      };
      await insertSession(tx, session, tokenHash(token));
      tokens.push(token);
    }
    return tokens;
  });
}

/** Answers a profile, and everything else as a reservation. */
async function bare(pool: Pool, { users, inventory }: Schemas): Promise<{ port: number }> {
  const server = createServer(async (incoming, outgoing) => {
    const started = performance.now();
    const requestId = randomUUID();
    outgoing.once('close', () => {
      const ms = Math.round((performance.now() - started) * 100) / 100;
      const { method, url: path } = incoming;
      log.info({ requestId, method, path, status: outgoing.statusCode, ms }, 'request');
    });
    const user = await userOf(pool, users, incoming);
    const body = JSON.stringify(
      incoming.method === 'GET' ? user : await reserve(pool, inventory, user.id, incoming),
    );
    outgoing
      .writeHead(incoming.method === 'GET' ? 200 : 201, {
        'Content-Type': 'application/json',
        'Cache-Control': 'private, no-store',
        'Content-Length': Buffer.byteLength(body),
        'X-Request-Id': requestId,
      })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

async function userOf(pool: Pool, schema: string, { headers }: IncomingMessage) {
  const token = headers.authorization?.slice('Bearer '.length) ?? '';
  const hash = createHash('sha256').update(token).digest('hex');
  const sql = `SELECT u.id, u.email, u.name, u.role, u.created_at FROM ${schema}.sessions s
    JOIN ${schema}.users u ON u.id = s.user_id WHERE s.token_hash = ? AND s.expires_at > ?`;
  const [row] = await rows(pool, sql, [hash, Date.now()]);
  return row as { id: string };
}

async function reserve(pool: Pool, schema: string, userId: string, incoming: IncomingMessage) {
  const { productId, quantity } = (await json(incoming)).items[0];
  const at = Date.now();
  const id = uuidv7();
  const key = `${userId}:${incoming.headers['idempotency-key']}`;
  const connection = await new Promise<PoolConnection>((resolve, reject) =>
    pool.getConnection((error, free) => (error ? reject(error) : resolve(free))),
  );
  const send = (sql: string, values: (string | number)[]) => rows(connection, sql, values);
  const say = (sql: string) =>
    new Promise<void>((resolve, reject) =>
      connection.query(sql, (error) => (error ? reject(error) : resolve())),
    );
  await say('START TRANSACTION');
  await send(
    `INSERT INTO ${schema}.idempotency (id, user_id, fingerprint, result_id, expires_at) VALUES (?, ?, ?, ?, ?)`,
    [key, userId, 'x'.repeat(43), id, at + 86_400_000],
  );
  const [product] = await send(
    `SELECT p.id, p.name, p.amount, p.currency, s.on_hand - s.reserved AS available
     FROM ${schema}.products p JOIN ${schema}.stock s ON s.product_id = p.id WHERE p.id = ?`,
    [productId],
  );
  await send(
    `INSERT INTO ${schema}.reservations (id, user_id, status, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
    [id, userId, 'held', at, at + 900_000],
  );
  await send(
    `INSERT INTO ${schema}.reservation_items (reservation_id, product_id, name, quantity, amount, currency)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [id, productId, product?.name, quantity, product?.amount, product?.currency],
  );
  await send(
    `UPDATE ${schema}.stock SET reserved = reserved + ?, revision = revision + 1, changed_at = ?
     WHERE product_id = ? AND on_hand - reserved >= ?`,
    [quantity, at, productId, quantity],
  );
  await say('COMMIT');
  connection.release();
  return { id, status: 'held', items: [{ productId, name: product?.name, quantity }], createdAt: at };
}

const rows = (on: Pool | PoolConnection, sql: string, values: readonly (string | number)[]) =>
  new Promise<RowDataPacket[]>((resolve, reject) =>
    on.execute<RowDataPacket[]>(sql, values as (string | number)[], (error, found) =>
      error ? reject(error) : resolve(found),
    ),
  );

async function json(incoming: IncomingMessage) {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

void main(...process.argv.slice(2));
