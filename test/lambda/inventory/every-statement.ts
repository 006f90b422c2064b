import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createChangeRelay } from '../../../lambda/inventory/catalog/change-relay';
import { createKnownIds } from '../../../lambda/inventory/catalog/known-ids';
import { rebuildLists } from '../../../lambda/inventory/catalog/rebuild';
import { sharedKey } from '../../../lambda/inventory/catalog/response-cache';
import { keptFrom, setKeptFrom } from '../../../lambda/inventory/month-tables';
import { createPhotoMove } from '../../../lambda/inventory/photos/move';
import { placePhotos } from '../../../lambda/inventory/photos/placement';
import { createPhotoRepository } from '../../../lambda/inventory/photos/repository';
import { photoTable } from '../../../lambda/inventory/photos/table-repository';
import { takeTurns } from '../../../lambda/inventory/reservations/holding';
import { createInventory } from '../../../lambda/inventory/service';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import { createMemoryCache } from '../../../lambda/shared/cache/memory-cache';
import { createSigningKeys } from '../../../lambda/shared/sql/signing-keys';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createMemoryTable } from '../../../lambda/shared/tables/memory-table';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { type OpenApi, type Route, routeOf, routesOf } from '../../support/openapi';
import { STAFF } from './shop';

/**
 * Asks every operation of the API once, and does all the work beside requests, on a catalog whose product `id` exists.
 * Returns the operations that were not asked.
 */
export async function askEverything(sql: Sql, id: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-every-'));
  let now = Date.now();
  const service = createInventory({
    sql,
    identify: async () => ({ userId: STAFF, role: 'staff' }),
    blobs: await openBlobs(`file:${folder}`),
    createPhotoWorker: createThumbnailWorker,
    log: pino({ level: 'silent' }),
    now: () => now,
  });
  const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    service.app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${STAFF}`,
        'idempotency-key': randomUUID(),
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const routes = routesOf((await (await request('GET', '/api/inventory/openapi.json')).json()) as OpenApi);
  const asked = new Set<Route | undefined>();
  const ask = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
    const answer = await request(method, path, body, headers);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    asked.add(routeOf(routes, method, path.split('?', 1)[0] ?? ''));
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
  };

  try {
    for (const query of [
      ...['', '?category=attic', '?q=every', '?q=every+eve', '?category=attic&q=even'],
      // Of more words than are listed, if the catalog has them.
      ...['?q=tone', '?q=even+ton'],
    ])
      await ask('GET', `/api/products${query}`);
    for (const query of ['?sort=price', '?sort=-price&category=attic']) {
      const { next } = await ask('GET', `/api/products${query}&limit=1`);
      // Beyond a price that no product has: both ranges are read.
      await ask('GET', `/api/products${query}&after=${next?.replace(/\..*/, '.500000')}`);
    }
    await ask('GET', '/api/categories');
    await ask('GET', '/api/categories?after=attic');
    await ask('GET', `/api/products/${id}`);

    const facts = { category: 'attic', name: 'New one', description: 'every even word', price: PRICE };
    const { id: made } = await ask('POST', '/api/products', facts);
    await ask('PATCH', `/api/products/${made}`, { name: 'Other one' }, { 'if-match': '*' });
    await ask('PATCH', `/api/products/${made}`, { onSale: false }, { 'if-match': '*' });
    await ask('GET', '/api/off-sale');
    await ask('PATCH', `/api/products/${made}`, { onSale: true }, { 'if-match': '*' });
    await ask('POST', `/api/products/${made}/ledger`, { kind: 'received', quantity: 9 });
    await ask('GET', `/api/products/${made}/ledger`);
    await ask('GET', `/api/products/${made}/stock`);

    for (const end of ['confirm', 'release']) {
      const cart = {
        items: [
          { productId: made, quantity: 1 },
          { productId: id, quantity: 1 },
        ],
      };
      const { id: held } = await ask('POST', '/api/reservations', cart);
      await ask('GET', `/api/reservations/${held}`);
      await ask('POST', `/api/reservations/${held}/${end}`);
    }
    const repeated = { 'idempotency-key': randomUUID() };
    for (let times = 0; times < 2; times++)
      await ask('POST', '/api/reservations', { items: [{ productId: made, quantity: 1 }] }, repeated);
    await ask('GET', '/api/reservations');
    await ask('GET', '/api/reservations?limit=100');
    await ask('GET', '/api/orders');
    await ask('GET', '/api/orders?limit=100');

    const bytes = Buffer.from('no picture');
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const upload = { bytes: bytes.length, type: 'image/jpeg', sha256 };
    const { id: photo } = await ask('POST', `/api/products/${made}/photos`, upload);
    await ask('GET', `/api/products/${made}/photos`);
    // Refused, since nothing was uploaded.
    const complete = `/api/products/${made}/photos/${photo}/complete`;
    await request('POST', complete);
    asked.add(routeOf(routes, 'POST', complete));
    await processPhoto(sql, made as string, photo as string, now);
    await ask('POST', `/api/products/${made}/photos/${photo}/main`);
    await ask('DELETE', `/api/products/${made}/photos/${photo}`);

    now += 16 * 60_000;
    await service.sweep();
    await takeTurns(sql, [STAFF, randomUUID()]);
    // Keys of requests expire.
    now += 25 * 60 * 60_000;
    await service.sweep();
    await service.forgetUser(STAFF);
    await service.ready();
    await createKnownIds(sql).learn(new AbortController().signal);
    await createSigningKeys(sql).rotate();
    await repairOnce(sql, now);
    await operate(sql, made as string, now);
    return routes.filter((route) => !asked.has(route)).map(({ method, path }) => `${method} ${path}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** They count entries of an index, or look for words: decision 0063 has their bounds. */
export const isSearch = (statement: string): boolean =>
  /COUNT\(|product_words p\b|listings_by_category/.test(statement);

/** In the steps of its worker and of the sweeper. */
async function processPhoto(sql: Sql, productId: string, id: string, now: number): Promise<void> {
  const photos = createPhotoRepository(sql);
  const key = { id, productId };
  await photos.startProcessing(key, now);
  await photos.inProcessing();
  await photos.claimDue(now, now + 1);
  await photos.beginAttempt(key, now);
  await photos.endAttempt(key);
  await photos.setSizes(key, []);
  await photos.makeReady(key, now);
  const photo = await photos.find(key);
  if (!photo) throw new Error('The photo is ready');
  await photos.pictureFollowed(photo);
  await photos.settled(photo, null);
  await photos.refuse(key, 'too late', now);
  await photos.expire(key, now);
  await photos.drop(key);
}

/** A page of each command that walks through a table, and what the archive notes. */
async function operate(sql: Sql, productId: string, now: number): Promise<void> {
  await rebuildLists(sql, true, { late: () => true });
  // A product whose words are missing is written again.
  await sql.execute('DELETE FROM product_words WHERE product_id = ?', [productId]);
  await rebuildLists(sql, true, { after: `${productId.slice(0, -1)}`, late: () => true });
  const photos = createPhotoRepository(sql);
  // Before all others, of which the move takes a hundred.
  const id = `00000000${randomUUID().slice(8)}`;
  const photo = { id, productId, bytes: 1, type: 'image/jpeg', sha256: '', expiresAt: now };
  await photos.insert(photo, now, now);
  const table = createMemoryTable(photoTable);
  const move = createPhotoMove({ sql, table, now: () => now });
  await placePhotos(table, 'table');
  await move();
  await placePhotos(table, 'sql');
  await move();
  await setKeptFrom(sql, 1);
  await keptFrom(sql);
}

async function repairOnce(sql: Sql, at: number): Promise<void> {
  let now = at;
  const cache = createMemoryCache({ now: () => now });
  await cache.put('catalog:wanted', { version: 1, loadedAt: now, value: '' }, 10_000);
  const repair = createChangeRelay({ sql, cache, keyOf: sharedKey, now: () => now });
  await repair();
  now += 1000;
  await repair();
}

const PRICE = { amount: 100, currency: 'USD' };
