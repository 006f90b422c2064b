/** One server of `read-path.ts`, in a process of its own whose CPU time is the measurement. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { requestClassOf } from '../../lambda/hosts/request-classes';
import { createShop } from '../../lambda/hosts/shop';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { openBlobs } from '../../lambda/shared/blobs/open';
import { type Admission, createAdmission } from '../../lambda/shared/http/admission/admission';
import { createLimiter } from '../../lambda/shared/http/admission/limiter';
import { createRequestLog } from '../../lambda/shared/http/request-log';
import { serve } from '../../lambda/shared/http/serve';
import { createLog } from '../../lambda/shared/runtime/log';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import { usersMigrations } from '../../lambda/users/migrations';
import { measured } from './measured-server';

const log = createLog();

interface Options {
  readonly admission?: Admission;
  /** Of plain reads that are logged; the others are counted. */
  readonly percent?: number;
}

async function shop(
  folder: string,
  { admission, percent }: Options = {},
): Promise<{ port: number; path: string }> {
  const usersSql = await openSql(`file:${join(folder, 'users.db')}`);
  const inventorySql = await openSql(`file:${join(folder, 'inventory.db')}`);
  await migrate(usersSql, usersMigrations);
  await migrate(inventorySql, inventoryMigrations);
  const { fetch, fastPath, inventory } = createShop({
    usersSql,
    inventorySql,
    blobs: await openBlobs(`file:${join(folder, 'media')}`),
    clientIp: () => '',
    log,
  });
  const { product } = await inventory.catalog.create({
    category: 'kitchen',
    name: 'Kettle',
    description: 'x'.repeat(700),
    price: { amount: 4900, currency: 'USD' },
    picture: null,
  });
  const requestLog = createRequestLog({ log, percent });
  const { port } = await serve({ fetch, fastPath, log, port: 0, admission, requestLog });
  return { port, path: `/api/products/${product.id}` };
}

const refusing = (): Admission =>
  createAdmission({
    log,
    classify: requestClassOf,
    limiter: createLimiter({ mostUnderWay: { critical: 0, 'log-in': 0, write: 0, read: 0 } }),
  });

/** Answers bytes of the same length with the same headers. */
async function bare(logged: boolean): Promise<{ port: number; path: string }> {
  const body = JSON.stringify({ description: 'x'.repeat(1000) });
  const headers = {
    'Content-Type': 'application/json',
    ETag: '"1-0"',
    'Cache-Control': 'public, max-age=2, stale-while-revalidate=10',
    'Content-Length': Buffer.byteLength(body),
  };
  const server = createServer((incoming, outgoing) => {
    if (!logged) return outgoing.writeHead(200, headers).end(body);
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
    return outgoing.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, path: '/' };
}

async function main(variant = '', folder = ''): Promise<void> {
  const open = {
    silent: () => bare(false),
    bare: () => bare(true),
    shop: () => shop(folder),
    sampled: () => shop(folder, { percent: 1 }),
    refusing: () => shop(folder, { admission: refusing() }),
  };
  const { port, path } = await open[variant as keyof typeof open]();
  const requests = [`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`];
  measured({ port, requests });
}

void main(...process.argv.slice(2));
