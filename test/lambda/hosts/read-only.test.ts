import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { readOnly } from '../../../lambda/hosts/read-only';
import { createShop, type Shop } from '../../../lambda/hosts/shop';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import type { Fetch } from '../../../lambda/shared/http/serve';
import { createLog } from '../../../lambda/shared/runtime/log';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { PASSWORD } from '../../hostile/fixtures';
import { closing } from '../../support/cleanup';
import { createReader, schemaOf } from '../../support/database-users';
import { describeServers } from '../../support/engines';
import { type OpenApi, type Route, routesOf } from '../../support/openapi';

const DOCUMENTS = ['/api/users/openapi.json', '/api/inventory/openapi.json'];

describeServers('a shop that only reads, with database users that cannot write', (engine) => {
  let writer: Shop;
  let reader: Fetch;
  let readerSql: Sql[];
  let routes: Route[];
  let token: string;
  const params: Record<string, string> = {};
  const seen: string[] = [];
  let count = 0;
  const folder = mkdtempSync(join(tmpdir(), 'shop-read-only-'));

  beforeAll(async () => {
    const [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
    await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
    const schemas = [usersSql, inventorySql].map(({ url }) => schemaOf(url));
    const url = await createReader(engine.socketPath, schemas);
    readerSql = await Promise.all(schemas.map(async (schema) => closing(await openSql(url(schema)))));
    const [usersReader, inventoryReader] = readerSql as [Sql, Sql];
    const usual = {
      log: createLog({ write: () => undefined }),
      blobs: await openBlobs(`file:${folder}`),
      clientIp: () => '192.0.2.1',
    };
    writer = createShop({ ...usual, usersSql, inventorySql });
    const shop = createShop({
      ...usual,
      usersSql: usersReader,
      inventorySql: inventoryReader,
      touchSession: async (_session, of) => void seen.push(of),
    });
    await shop.ready();
    reader = readOnly(shop.fetch);
    routes = (await Promise.all(DOCUMENTS.map((path) => ask(writer.fetch, 'GET', path)))).flatMap(
      ({ text }) => routesOf(JSON.parse(text) as OpenApi),
    );
    await fill();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function ask(fetch: Fetch, method: string, path: string, body?: unknown) {
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': `key-number-${++count}`,
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const request = new Request(`http://shop.example${path}`, {
      ...{ method, headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const response = await fetch(request, {} as HttpBindings);
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Creates rows of every kind, and an account that may read all of them. */
  async function fill(): Promise<void> {
    const made = async (path: string, body: unknown) =>
      JSON.parse((await ask(writer.fetch, 'POST', path, body)).text);
    const email = 'reader@example.com';
    await made('/api/users', { email, password: PASSWORD, name: 'Somebody' });
    await writer.users.grantStaff(email);
    ({ token } = await made('/api/sessions', { email, password: PASSWORD }));
    const price = { amount: 100, currency: 'USD' };
    const { id } = await made('/api/products', { category: 'c', name: 'n', description: '', price });
    await made(`/api/products/${id}/ledger`, { kind: 'received', quantity: 100 });
    await made(`/api/products/${id}/photos`, { bytes: 9, type: 'image/png', sha256: `${'A'.repeat(43)}=` });
    params['/api/products/{id}'] = id;
    const items = [{ productId: id, quantity: 1 }];
    params['/api/reservations/{id}'] = (await made('/api/reservations', { items })).id;
  }

  const pathOf = ({ path }: Route): string => {
    const subject = /^[^}]*\}?/.exec(path)?.[0] ?? '';
    return path.replace('{id}', params[subject] ?? '');
  };

  test('answers every GET of the documents as the one that writes does, and its HEAD', async () => {
    const reads = routes.filter(({ method }) => method === 'GET');
    expect(reads.length).toBeGreaterThan(8);
    for (const path of [...reads.map(pathOf), ...DOCUMENTS, '/healthz', '/readyz']) {
      const [read, written] = [await ask(reader, 'GET', path), await ask(writer.fetch, 'GET', path)];
      // The read server reports no session as seen, since the last report is less than an hour old.
      expect(seen).toEqual([]);
      expect([path, read.status, read.text]).toEqual([path, 200, written.text]);
      expect((await ask(reader, 'HEAD', path)).status).toBe(200);
    }
  });

  test('refuses every other request, without looking at it, and names what it answers', async () => {
    const changes = routes.filter(({ method }) => method !== 'GET');
    expect(changes.length).toBeGreaterThan(15);
    for (const { method, path } of [...changes, { method: 'OPTIONS', path: '/api/products' }]) {
      const { status, headers, text } = await ask(reader, method, path.replaceAll(/[{}]/g, ''));
      expect([method, path, status, headers.get('allow')]).toEqual([method, path, 405, 'GET, HEAD']);
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(JSON.parse(text)).toMatchObject({ type: 'read-only', status: 405 });
    }
  });

  test('could not write if it tried', async () => {
    const [users, inventory] = readerSql as [Sql, Sql];
    await expect(users.execute('UPDATE sessions SET last_seen_at = 0')).rejects.toMatchObject({
      errno: 1142,
    });
    await expect(inventory.transaction((tx) => tx.execute('DELETE FROM stock'))).rejects.toMatchObject({
      errno: 1142,
    });
  });
});
