/** One server of `read-path.ts`, in a process of its own whose CPU time is the measurement. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inventoryMigrations } from '../lambda/inventory/migrations';
import { createShop } from '../lambda/monolith/app';
import { openBlobs } from '../lambda/shared/blobs';
import { createLog } from '../lambda/shared/log';
import { migrate } from '../lambda/shared/migrations';
import { serve } from '../lambda/shared/serve';
import { openSql } from '../lambda/shared/sql';
import { usersMigrations } from '../lambda/users/migrations';

const log = createLog();

async function shop(folder: string): Promise<{ port: number; path: string }> {
  const usersSql = await openSql(`file:${join(folder, 'users.db')}`);
  const inventorySql = await openSql(`file:${join(folder, 'inventory.db')}`);
  await migrate(usersSql, usersMigrations);
  await migrate(inventorySql, inventoryMigrations);
  const { fetch, inventory } = createShop({
    usersSql,
    inventorySql,
    blobs: await openBlobs(`file:${join(folder, 'media')}`),
    address: () => '',
    log,
  });
  const { product } = await inventory.catalog.create({
    category: 'kitchen',
    name: 'Kettle',
    description: 'x'.repeat(700),
    price: { amount: 4900, currency: 'USD' },
    picture: null,
  });
  const { port } = await serve({ fetch, log, port: 0 });
  return { port, path: `/api/products/${product.id}` };
}

/** Answers bytes of the same length with the same headers, and logs the same line. */
async function bare(): Promise<{ port: number; path: string }> {
  const body = JSON.stringify({ description: 'x'.repeat(1000) });
  const headers = {
    'Content-Type': 'application/json',
    ETag: '"1-0"',
    'Cache-Control': 'public, max-age=2, stale-while-revalidate=10',
    'Content-Length': Buffer.byteLength(body),
  };
  const server = createServer((incoming, outgoing) => {
    const started = performance.now();
    const requestId = randomUUID();
    outgoing.setHeader('X-Request-Id', requestId);
    outgoing.once('close', () =>
      log.info(
        {
          requestId,
          method: incoming.method,
          path: incoming.url,
          status: outgoing.statusCode,
          ms: Math.round((performance.now() - started) * 100) / 100,
        },
        'request',
      ),
    );
    outgoing.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, path: '/' };
}

async function main(variant = '', folder = ''): Promise<void> {
  const { port, path } = variant === 'shop' ? await shop(folder) : await bare();
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.send?.({ port, path });
}

void main(...process.argv.slice(2));
