/** A shop on a MariaDB, with products and customers who are logged in, and requests to it. */
import { join } from 'node:path';
import { createConnection } from 'mysql2';
import { createShop } from '../../lambda/hosts/shop';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { openBlobs } from '../../lambda/shared/blobs/open';
import { createLog } from '../../lambda/shared/runtime/log';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import { usersMigrations } from '../../lambda/users/migrations';
import { addCustomers, stockProducts } from '../servers/stock';
import type { RequestText } from './measured-server';

const CUSTOMERS = 4000;
const PRODUCTS = 500;

export type Schemas = Readonly<Record<'users' | 'inventory', string>>;

export interface StockedShop {
  readonly schemas: Schemas;
  readonly shop: ReturnType<typeof createShop>;
  /** Their ids. */
  readonly products: readonly string[];
  /** Of a session of each customer. */
  readonly tokens: readonly string[];
}

/** @param variant names its schemas, which must not be there */
export async function openStockedShop(
  variant: string,
  folder: string,
  socketPath: string,
  products = PRODUCTS,
): Promise<StockedShop> {
  const schemas = await createSchemas(variant, socketPath);
  const open = (schema: string) =>
    openSql(`mysql://root@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`);
  const [usersSql, inventorySql] = await Promise.all([open(schemas.users), open(schemas.inventory)]);
  await migrate(usersSql, usersMigrations);
  await migrate(inventorySql, inventoryMigrations);
  const blobs = await openBlobs(`file:${join(folder, 'media')}`);
  const shop = createShop({ usersSql, inventorySql, blobs, clientIp: () => '', log: createLog() });
  const shelves = await stockProducts(inventorySql, products);
  const customers = await addCustomers(usersSql, CUSTOMERS, 'customer');
  return {
    ...{ schemas, shop },
    products: shelves.map(({ id }) => id),
    tokens: customers.map(({ token }) => token),
  };
}

const head = (line: string, port: number, token: string) =>
  `${line} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${token}\r\n`;

export const product = (port: number, id: string): RequestText =>
  `GET /api/products/${id} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;

export const profile = (port: number, token: string): RequestText =>
  `${head('GET /api/users/me', port, token)}\r\n`;

export function reservation(port: number, token: string, productId: string): RequestText {
  const body = JSON.stringify({ items: [{ productId, quantity: 1 }] });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nIdempotency-Key: {uuid}\r\n`;
  return `${head('POST /api/reservations', port, token)}${headers}\r\n${body}`;
}

async function createSchemas(variant: string, socketPath: string): Promise<Schemas> {
  const name = variant.replaceAll(' ', '_');
  const schemas = { users: `${name}_users`, inventory: `${name}_inventory` };
  const admin = createConnection({ socketPath, user: 'root' }).promise();
  for (const schema of Object.values(schemas))
    await admin.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await admin.end();
  return schemas;
}
