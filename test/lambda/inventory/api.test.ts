import { engines } from '../../support/engines';
import { customer, json, openShop, type Shop } from './shop';

interface Operation {
  readonly summary?: string;
  readonly security?: unknown[];
  readonly requestBody?: { content: Record<string, { schema: unknown }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown> };
}

const [engine] = engines();
if (!engine) throw new Error('There is always SQLite');

describe('the HTTP API', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });

  test('documents each of its routes, with what it gives and how it refuses', async () => {
    const document = await json<Document>(shop.ask('GET', '/api/inventory/openapi.json'));
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    expect(operations.map(({ name }) => name).sort()).toEqual([
      'delete /api/products/{id}/photos/{photoId}',
      'get /api/categories',
      'get /api/off-sale',
      'get /api/orders',
      'get /api/products',
      'get /api/products/{id}',
      'get /api/products/{id}/ledger',
      'get /api/products/{id}/photos',
      'get /api/products/{id}/stock',
      'get /api/reservations',
      'get /api/reservations/{id}',
      'patch /api/products/{id}',
      'post /api/products',
      'post /api/products/{id}/ledger',
      'post /api/products/{id}/photos',
      'post /api/products/{id}/photos/{photoId}/complete',
      'post /api/products/{id}/photos/{photoId}/main',
      'post /api/reservations',
      'post /api/reservations/{id}/confirm',
      'post /api/reservations/{id}/release',
    ]);
    for (const { name, operation } of operations) {
      expect([name, operation.summary]).toEqual([name, expect.any(String)]);
      const given = Object.keys(operation.responses);
      expect([name, given]).toEqual([name, expect.arrayContaining([expect.stringMatching(/^20[0124]$/)])]);
      if (operation.security) expect([name, given]).toEqual([name, expect.arrayContaining(['401'])]);
      else expect(name).toMatch(/^get \/api\/(categories|products)/);
    }
    const reserve = document.paths['/api/reservations']?.post;
    expect(reserve?.responses['409']?.description).toContain('out-of-stock');
    expect(reserve?.responses['422']?.description).toContain('key-reused');
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Money', 'NewProduct', 'Product', 'Reservation', 'ProductPage', 'NewEntry']),
    );
  });

  test('says whether the process answers and whether its database does', async () => {
    expect((await shop.ask('GET', '/healthz')).status).toBe(200);
    expect((await shop.ask('GET', '/readyz')).status).toBe(200);
  });

  test('answers HEAD as GET, without a body', async () => {
    const id = await shop.add();
    const head = await shop.ask('HEAD', `/api/products/${id}`);
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', '"1"']);
  });

  test('lets only products, lists and documents be kept by others', async () => {
    const id = await shop.add({}, 1);
    const cacheControl = async (path: string, as?: string) =>
      (await shop.ask('GET', path, { as })).headers.get('cache-control');
    for (const path of [
      `/api/products/${id}`,
      '/api/products',
      '/api/categories',
      '/api/inventory/openapi.json',
    ]) {
      expect(await cacheControl(path)).toMatch(/^public, max-age=\d+/);
    }
    expect(await cacheControl('/api/reservations', customer(1))).toBe('private, no-store');
    expect(await cacheControl('/api/reservations')).toBe('no-store');
  });

  test('refuses a body that is no JSON, too large, of another type, or from another site, before any work', async () => {
    const post = (body: string, headers: Record<string, string>) =>
      shop.ask('POST', '/api/reservations', {
        as: customer(1),
        body,
        headers: { 'Idempotency-Key': 'my-key-000001', ...headers },
      });
    expect((await post('{"items":', {})).status).toBe(400);
    expect((await post('x'.repeat(70_000), {})).status).toBe(413);
    expect((await post('<items/>', { 'Content-Type': 'text/xml' })).status).toBe(415);
    expect((await post('{}', { Origin: 'https://elsewhere.example', Host: 'shop.example' })).status).toBe(
      403,
    );
    expect(await shop.sql.query('SELECT id FROM reservations')).toEqual([]);
  });
});
