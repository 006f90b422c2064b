/** One server of `database-path.ts`, in a process of its own whose CPU time is the measurement. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2';
import { uuidv7 } from 'uuidv7';
import { serve } from '../../lambda/shared/http/serve';
import { createLog } from '../../lambda/shared/runtime/log';
import { measured } from './measured-server';
import { openStockedShop, profile, reservation, type Schemas } from './stocked-shop';

const log = createLog();

async function main(variant = '', folder = '', socketPath = ''): Promise<void> {
  const { schemas, shop, products, tokens } = await openStockedShop(variant, folder, socketPath);
  const { port } = variant.startsWith('bare')
    ? await bare(createPool({ socketPath, user: 'root', connectionLimit: 10 }), schemas)
    : await serve({ fetch: shop.fetch, fastPath: shop.fastPath, log, port: 0 });
  const requests = tokens.map((token, n) =>
    variant.endsWith('profile')
      ? profile(port, token)
      : reservation(port, token, products[n % products.length] ?? ''),
  );
  measured({ port, requests });
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
