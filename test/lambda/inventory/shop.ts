import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import type { ProductFacts } from '../../../lambda/inventory/catalog/product';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { createInventory, type Inventory, type InventoryOptions } from '../../../lambda/inventory/service';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import type { Identify } from '../../../lambda/shared/http/identity';
import { errno } from '../../../lambda/shared/sql/mysql-errors';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { closing } from '../../support/cleanup';
import { emptiedSchema } from '../../support/emptied-schema';
import type { Engine } from '../../support/engines';
import { conforming } from '../../support/openapi-conformance';

export const STAFF = 'staff-0000000000000000';

/** A session token of a customer; the user's id is the token. */
export const customer = (n: number) => `customer-${String(n).padStart(16, '0')}`;

const identify: Identify = async (token) =>
  token.startsWith('nobody') ? undefined : { userId: token, role: token === STAFF ? 'staff' : 'customer' };

interface Asked {
  readonly as?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Shop extends Inventory {
  readonly sql: Sql;
  /** Opens the schema again. */
  readonly url: string;
  readonly clock: { now: number };
  /** Calls the API and fails if the answer does not conform to the OpenAPI document. */
  ask(method: string, path: string, asked?: Asked): Promise<Response>;
  /** Adds a product and so many of it; returns its id. */
  add(facts?: Partial<ProductFacts>, quantity?: number): Promise<string>;
  reserve(as: string, items: Record<string, number>, key?: string): Promise<Response>;
  /** Number of transactions that a deadlock ended: they are repeated, which the port hides. */
  deadlocks(): number;
  /** Another process of the same service: a pool of its own where the engine allows more than one writer. */
  another(): Promise<Shop>;
  /** Ends the processes that `another` opened. */
  close(): Promise<void>;
}

export const MUG: ProductFacts = {
  category: 'kitchen',
  name: 'Coffee mug',
  description: 'Stoneware, holds 350 ml.',
  price: { amount: 1299, currency: 'USD' },
  picture: null,
};

/** No test of the inventory itself stores a photo. */
const noBlobs = {} as Blobs;

/** The service on an emptied schema of the engine. Its clock stands still unless `clock` is moved. */
export async function openShop(engine: Engine, deps: Partial<InventoryOptions> = {}): Promise<Shop> {
  const sql = await emptiedSchema(engine, 'inventory', inventoryMigrations);
  return shopOn(sql, sql.url, { now: Date.now() }, deps);
}

function shopOn(sql: Sql, url: string, clock: { now: number }, deps: Partial<InventoryOptions>): Shop {
  const log = pino({ level: 'silent' });
  const { counted, deadlocks } = counting(sql);
  const inventory = createInventory({
    sql: counted,
    identify,
    blobs: noBlobs,
    createPhotoWorker: createThumbnailWorker,
    log,
    now: () => clock.now,
    ...deps,
  });
  const others: Sql[] = [];

  const request = conforming(inventory.app.request, '/api/inventory/openapi.json');
  const ask: Shop['ask'] = async (method, path, { as, body, headers: more } = {}) => {
    const headers = {
      ...(as && { Authorization: `Bearer ${as}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...more,
    };
    const answer = await request(path, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    await expectSameFromMemory(inventory, { method, url: path, headers }, answer);
    return answer;
  };

  return {
    ...inventory,
    sql,
    url,
    clock,
    ask,
    deadlocks,
    add: async (facts, quantity = 0) => {
      const { product } = await inventory.catalog.create({ ...MUG, ...facts });
      if (quantity > 0) {
        const received = { kind: 'received', quantity, reason: null } as const;
        await inventory.stock.write(product.id, received, STAFF, randomUUID());
      }
      return product.id;
    },
    reserve: (as, items, key = randomUUID()) =>
      ask('POST', '/api/reservations', {
        as,
        body: { items: Object.entries(items).map(([productId, quantity]) => ({ productId, quantity })) },
        headers: { 'Idempotency-Key': key },
      }),
    another: async () => {
      if (url.startsWith('file:')) return shopOn(sql, url, clock, deps);
      const pool = closing(await openSql(url));
      others.push(pool);
      return shopOn(pool, url, clock, deps);
    },
    close: async () => {
      await Promise.all(others.map((pool) => pool.close()));
    },
  };
}

/** If the fast path answers a request too, it answers it as its route did, unless the product changed in between. */
async function expectSameFromMemory(
  { fastPath }: Inventory,
  { method, url, headers }: { method: string; url: string; headers: Record<string, string> },
  answer: Response,
): Promise<void> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const asked = { method, url, headers: { host: 'shop.example', ...Object.fromEntries(lower) } };
  const ready = fastPath?.(asked as IncomingMessage);
  if (!ready || ready.headers.ETag !== answer.headers.get('ETag')) return;
  expect(answer.status).toBe(200);
  expect(ready.body).toBe(await answer.clone().text());
  for (const [name, value] of Object.entries(ready.headers)) expect(answer.headers.get(name)).toBe(value);
}

/** A slow machine also repeats transactions for locks that it waited for too long, and for lost connections. */
function counting(sql: Sql): { counted: Sql; deadlocks: () => number } {
  let deadlocks = 0;
  const transaction: Sql['transaction'] = (work) =>
    sql.transaction(async (tx) => {
      try {
        return await work(tx);
      } catch (error) {
        if (errno(error) === ER_LOCK_DEADLOCK) deadlocks++;
        throw error;
      }
    });
  return { counted: { ...sql, transaction }, deadlocks: () => deadlocks };
}

const ER_LOCK_DEADLOCK = 1213;

/** The JSON of an answer, which must have this status. */
export async function json<Body>(answer: Response | Promise<Response>, status = 200): Promise<Body> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, got ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Counts answers by status. */
export function tally(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
