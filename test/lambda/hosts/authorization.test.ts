import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createShop, type Shop } from '../../../lambda/hosts/shop';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { openBlobs } from '../../../lambda/shared/blobs/open';

import { createLog } from '../../../lambda/shared/runtime/log';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { usersMigrations } from '../../../lambda/users/migrations';
import { PASSWORD } from '../../hostile/fixtures';
import { rightRequest } from '../../hostile/requests';
import { engines } from '../../support/engines';
import { type OpenApi, type Route, routesOf } from '../../support/openapi';
import { type Conform, conformance } from '../../support/openapi-conformance';

const [engine] = engines();
if (!engine) throw new Error('There is always SQLite');

/**
 * The status of each route for each role, with ids that belong to the owner: an anonymous client, another customer,
 * staff, and the owner, a customer. OWASP ASVS 5, V8 (authorization): access to each function and each record, for
 * every role.
 */
const TABLE: Readonly<
  Record<string, readonly [anonymous: number, other: number, staff: number, owner: number]>
> = {
  'GET /api/categories': [200, 200, 200, 200],
  'GET /api/products': [200, 200, 200, 200],
  'GET /api/off-sale': [401, 403, 200, 403],
  'GET /api/products/{id}': [200, 200, 200, 200],
  'POST /api/products': [401, 403, 201, 403],
  'PATCH /api/products/{id}': [401, 403, 200, 403],
  'GET /api/products/{id}/stock': [401, 403, 200, 403],
  'GET /api/products/{id}/ledger': [401, 403, 200, 403],
  'POST /api/products/{id}/ledger': [401, 403, 201, 403],
  'GET /api/products/{id}/photos': [401, 403, 200, 403],
  'POST /api/products/{id}/photos': [401, 403, 201, 403],
  // Nothing was uploaded: as far as one gets without.
  'POST /api/products/{id}/photos/{photoId}/complete': [401, 403, 409, 403],
  'POST /api/products/{id}/photos/{photoId}/main': [401, 403, 409, 403],
  'DELETE /api/products/{id}/photos/{photoId}': [401, 403, 204, 403],
  'POST /api/reservations': [401, 201, 201, 201],
  'GET /api/reservations': [401, 200, 200, 200],
  'GET /api/reservations/{id}': [401, 404, 404, 200],
  'GET /api/orders': [401, 403, 200, 403],
  'POST /api/reservations/{id}/confirm': [401, 404, 404, 200],
  'POST /api/reservations/{id}/release': [401, 404, 404, 200],
  'POST /api/users': [201, 201, 201, 201],
  'GET /api/users/me': [401, 200, 200, 200],
  'PATCH /api/users/me': [401, 200, 200, 200],
  'DELETE /api/users/me': [401, 204, 204, 204],
  'PUT /api/users/me/email': [401, 200, 200, 200],
  'PUT /api/users/me/password': [401, 204, 204, 204],
  'POST /api/users/password-links': [401, 403, 201, 403],
  // Nobody has such a link.
  'PUT /api/users/password': [403, 403, 403, 403],
  'POST /api/sessions': [201, 201, 201, 201],
  'GET /api/sessions': [401, 200, 200, 200],
  'POST /api/sessions/current/seen': [401, 204, 204, 204],
  'DELETE /api/sessions/current': [204, 204, 204, 204],
  'DELETE /api/sessions/{id}': [401, 404, 404, 204],
};

interface Person {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly sessionId: string;
}

let shop: Shop;
let apis: { document: OpenApi; conform: Conform }[];
const folder = mkdtempSync(join(tmpdir(), 'shop-authorization-'));
let count = 0;

beforeAll(async () => {
  const [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
  await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
  const blobs = await openBlobs(`file:${folder}`);
  const log = createLog({ write: () => undefined });
  // Each account has its own network, so that none is throttled.
  shop = createShop({
    usersSql,
    inventorySql,
    blobs,
    log,
    clientIp: () => `192.0.${++count >> 8}.${count & 255}`,
  });
  const paths = ['/api/users/openapi.json', '/api/inventory/openapi.json'];
  apis = await Promise.all(
    paths.map(async (path) => {
      const document: OpenApi = JSON.parse((await ask('GET', path)).text);
      return { document, conform: conformance(document) };
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(method: string, path: string, by?: Person, body?: unknown, key = `table-key-${++count}`) {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': key,
    ...(by && { authorization: `Bearer ${by.token}` }),
  };
  const request = new Request(`http://shop.example${path}`, {
    ...{ method, headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return received(request);
}

async function received(request: Request) {
  const response = await shop.fetch(request, {} as HttpBindings);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

async function newPerson(role: 'customer' | 'staff'): Promise<Person> {
  const email = `person-${++count}@example.com`;
  const { id } = JSON.parse(
    (await ask('POST', '/api/users', undefined, { email, password: PASSWORD, name: role })).text,
  );
  if (role === 'staff') await shop.users.grantStaff(email);
  const { text } = await ask('POST', '/api/sessions', undefined, { email, password: PASSWORD });
  const person = { id, email, token: JSON.parse(text).token, sessionId: '' };
  const sessions = JSON.parse((await ask('GET', '/api/sessions', person)).text);
  return { ...person, sessionId: sessions.items[0].id };
}

/** A product with stock and a photo, and the owner's reservations of it. */
async function belongings(owner: Person, staff: Person) {
  const made = async (path: string, by: Person, body: unknown): Promise<string> =>
    JSON.parse((await ask('POST', path, by, body)).text).id;
  const price = { amount: 100, currency: 'USD' };
  const productId = await made('/api/products', staff, { category: 'c', name: 'n', description: '', price });
  await made(`/api/products/${productId}/ledger`, staff, { kind: 'received', quantity: 100 });
  const photo = { bytes: 9, type: 'image/png', sha256: `${'A'.repeat(43)}=` };
  const photoId = await made(`/api/products/${productId}/photos`, staff, photo);
  const items = [{ productId, quantity: 1 }];
  const reservationId = await made('/api/reservations', owner, { items });
  return { productId, photoId, reservationId };
}

/** Everything that is the owner's, as the owner sees it. */
const seenBy = (owner: Person) =>
  Promise.all(
    ['/api/users/me', '/api/sessions', '/api/reservations'].map(
      async (path) => (await ask('GET', path, owner)).text,
    ),
  );

const nameOf = ({ method, path }: Route) => `${method} ${path}`;

test('the table has a row for every route, and no other', () => {
  const documented = apis.flatMap(({ document }) => routesOf(document).map(nameOf));
  expect(Object.keys(TABLE).sort()).toEqual(documented.sort());
});

test('a route says that it needs a session exactly when it does', () => {
  for (const { document } of apis) {
    for (const route of routesOf(document)) {
      const refused = TABLE[nameOf(route)]?.[0] === 401;
      // Logging out is idempotent: without a session the answer is the same.
      if (nameOf(route) === 'DELETE /api/sessions/current') continue;
      expect([nameOf(route), route.operation.security !== undefined]).toEqual([nameOf(route), refused]);
    }
  }
});

test.each(Object.entries(TABLE))('%s answers everybody as the table says', async (name, expected) => {
  const found = apis.flatMap(({ document, conform }) =>
    routesOf(document)
      .filter((route) => nameOf(route) === name)
      .map((route) => ({ route, document, conform })),
  )[0];
  if (!found) throw new Error(`${name} is not documented`);
  const { route, document, conform } = found;
  const [other, staff, owner] = [
    await newPerson('customer'),
    await newPerson('staff'),
    await newPerson('customer'),
  ];
  const { productId, photoId, reservationId } = await belongings(owner, staff);
  const id =
    { '/api/s': owner.sessionId, '/api/r': reservationId, '/api/p': productId }[route.path.slice(0, 6)] ?? '';
  const before = await seenBy(owner);

  const given: number[] = [];
  for (const person of [undefined, other, staff, owner]) {
    if (person === owner) expect(await seenBy(owner)).toEqual(before);
    const known = ['/api/sessions', '/api/users/password-links'].includes(route.path);
    const email = known ? (person ?? other).email : `new-${++count}@example.com`;
    const facts = {
      member: person,
      params: { id, photoId },
      productId,
      email,
      unique: `table-key-${++count}`,
    };
    const { method, target, headers, body } = rightRequest(route, document, facts);
    const request = new Request(`http://shop.example${target}`, {
      ...{ method, headers: headers.map(([header, value]): [string, string] => [header, value]) },
      body: body ? new Uint8Array(body) : null,
    });
    const { status, type, text } = await received(request);
    conform({ method, path: target, status, type, body: text });
    given.push(status);
    // The orders of everybody are shown to staff on purpose.
    if (person !== owner && status < 400 && name !== 'GET /api/orders') {
      for (const secret of [owner.id, owner.email, owner.sessionId, reservationId])
        expect(text).not.toContain(secret);
    }
  }
  expect(given).toEqual(expected);
});

test('an Idempotency-Key of another account is a key like any other', async () => {
  const [owner, other, staff] = [
    await newPerson('customer'),
    await newPerson('customer'),
    await newPerson('staff'),
  ];
  const { productId } = await belongings(owner, staff);
  const reserve = async (by: Person) =>
    ask('POST', '/api/reservations', by, { items: [{ productId, quantity: 1 }] }, 'the-same-key');
  const [own, others] = [await reserve(owner), await reserve(other)];
  expect([own.status, others.status]).toEqual([201, 201]);
  expect(JSON.parse(others.text).id).not.toBe(JSON.parse(own.text).id);
});

test('a photo is found under its own product alone', async () => {
  const staff = await newPerson('staff');
  const [one, two] = [await belongings(staff, staff), await belongings(staff, staff)];
  const wrong = `/api/products/${one.productId}/photos/${two.photoId}`;
  expect((await ask('DELETE', wrong, staff)).status).toBe(404);
  expect((await ask('POST', `${wrong}/complete`, staff)).status).toBe(404);
});

test('an ended session gives no access, and a new role applies at once', async () => {
  const [person, colleague] = [await newPerson('customer'), await newPerson('staff')];
  const { productId } = await belongings(person, colleague);
  const stock = async () => (await ask('GET', `/api/products/${productId}/stock`, person)).status;
  expect(await stock()).toBe(403);
  await shop.users.grantStaff(person.email);
  expect(await stock()).toBe(200);
  expect((await ask('DELETE', `/api/sessions/${person.sessionId}`, person)).status).toBe(204);
  expect(await stock()).toBe(401);
  expect((await ask('GET', '/api/users/me', person)).status).toBe(401);
});
