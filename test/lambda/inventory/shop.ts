import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import type { ProductFacts } from '../../../lambda/inventory/product';
import { createInventory, type Inventory, type InventoryDeps } from '../../../lambda/inventory/service';
import type { Blobs } from '../../../lambda/shared/blobs';
import type { Identify } from '../../../lambda/shared/identity';
import { migrate } from '../../../lambda/shared/migrations';
import { openSql, type Sql } from '../../../lambda/shared/sql';
import { conforming } from '../../support/conforms';
import type { Engine } from '../../support/engines';

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
  /** Asks the API and fails when the answer is not what the OpenAPI document says. */
  ask(method: string, path: string, asked?: Asked): Promise<Response>;
  /** Adds a product and so many of it; returns its id. */
  add(facts?: Partial<ProductFacts>, quantity?: number): Promise<string>;
  reserve(as: string, items: Record<string, number>, key?: string): Promise<Response>;
  /** How often a transaction had to begin again: for a deadlock, which the port would hide. */
  retried(): number;
  /** Another process of the same service: a pool of its own where the engine allows more than one writer. */
  another(): Promise<Shop>;
  /** Ends what `another` opened. */
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

const schemas = new Map<Engine, Promise<Sql & { url: string }>>();

/** The service on an emptied schema of the engine. Its clock stands still unless `clock` is moved. */
export async function openShop(engine: Engine, deps: Partial<InventoryDeps> = {}): Promise<Shop> {
  const schema = schemas.get(engine) ?? migrated(engine);
  schemas.set(engine, schema);
  const sql = await schema;
  // Cheaper than a schema for each test: MariaDB takes its time to create tables.
  for (const table of TABLES) await sql.execute(`DELETE FROM ${table}`);
  return shopOn(sql, sql.url, { now: Date.now() }, deps);
}

/** Ends what `openShop` opened: in afterAll. */
export async function closeShops(engine: Engine): Promise<void> {
  await (await schemas.get(engine))?.close();
  schemas.delete(engine);
  await engine.stop();
}

const TABLES = [
  ...['products', 'listings', 'product_words', 'stock', 'ledger'],
  ...['reservations', 'reservation_items', 'idempotency'],
];

async function migrated(engine: Engine): Promise<Sql & { url: string }> {
  const sql = await engine.open('inventory');
  await migrate(sql, inventoryMigrations);
  return sql;
}

function shopOn(sql: Sql, url: string, clock: { now: number }, deps: Partial<InventoryDeps>): Shop {
  const log = pino({ level: 'silent' });
  const { counted, retried } = counting(sql);
  const inventory = createInventory({
    sql: counted,
    identify,
    blobs: noBlobs,
    log,
    now: () => clock.now,
    ...deps,
  });
  const others: Sql[] = [];

  const request = conforming(inventory.app.request, '/api/inventory/openapi.json');
  const ask: Shop['ask'] = async (method, path, { as, body, headers } = {}) =>
    request(path, {
      method,
      headers: {
        ...(as && { Authorization: `Bearer ${as}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  return {
    ...inventory,
    sql,
    url,
    clock,
    ask,
    retried,
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
      const pool = await openSql(url);
      others.push(pool);
      return shopOn(pool, url, clock, deps);
    },
    close: async () => {
      await Promise.all(others.map((pool) => pool.close()));
    },
  };
}

function counting(sql: Sql): { counted: Sql; retried: () => number } {
  let asked = 0;
  let begun = 0;
  const transaction: Sql['transaction'] = (work) => {
    asked++;
    return sql.transaction((tx) => {
      begun++;
      return work(tx);
    });
  };
  return { counted: { ...sql, transaction }, retried: () => begun - asked };
}

/** The JSON of an answer, which must have this status. */
export async function json<Body>(answer: Response | Promise<Response>, status = 200): Promise<Body> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== status) throw new Error(`Expected ${status}, got ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** How many answers had each status. */
export function tally(answers: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
