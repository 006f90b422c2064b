import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { createCatalog, findProduct } from '../../../lambda/inventory/catalog';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import type { Photos } from '../../../lambda/photos/photos';
import { createPhotoService, type PhotoService, type PhotoServiceDeps } from '../../../lambda/photos/service';
import type { Blobs, UploadTicket } from '../../../lambda/shared/blobs';
import { openDiskBlobs } from '../../../lambda/shared/blobs-disk';
import { createLog } from '../../../lambda/shared/log';
import { migrate } from '../../../lambda/shared/migrations';
import type { Sql } from '../../../lambda/shared/sql';
import type { Engine } from '../../support/engines';

export const log = createLog({ write: () => undefined });

const HOUR_MS = 60 * 60_000;

/** A schema, a folder and a clock, and processes of the photo service on them. */
export interface Shop {
  readonly sql: Sql;
  readonly blobs: Blobs;
  /** A process of the service; what is given replaces what it works with. */
  start(deps?: Partial<PhotoServiceDeps>): PhotoService;
  readonly setPicture: PhotoServiceDeps['setPicture'];
  product(): Promise<string>;
  pictureOf(productId: string): Promise<string | null | undefined>;
  /** The keys of everything that is stored. */
  files(): string[];
  rows(productId: string): Promise<{ id: string; status: string; due_at: number | null }[]>;
  hoursLater(hours: number): void;
  close(): Promise<void>;
}

export async function openShop(engine: Engine): Promise<Shop> {
  const sql = await engine.open('inventory');
  await migrate(sql, inventoryMigrations);
  const folder = mkdtempSync(join(tmpdir(), 'shop-photos-'));
  const blobs = await openDiskBlobs(folder);
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const catalog = createCatalog({ sql, now, changed: () => undefined });
  const setPicture = async (productId: string, picture: string | null) => {
    await catalog.edit(productId, () => true, { picture });
  };
  const files = () => {
    const root = join(folder, 'files');
    if (!existsSync(root)) return [];
    const entries = readdirSync(root, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return paths.map((path) => path.slice(root.length + 1)).sort();
  };
  return {
    sql,
    blobs,
    setPicture,
    files,
    start: (deps) => createPhotoService({ sql, blobs, setPicture, log, now, retryMs: 1, ...deps }),
    product: async () => {
      const price = { amount: 100, currency: 'USD' };
      const facts = { category: 'kitchen', name: 'Mug', description: '', price, picture: null };
      return (await catalog.create(facts)).product.id;
    },
    pictureOf: async (productId) => (await findProduct(sql, productId))?.product.picture,
    rows: (productId) => sql.query('SELECT id, status, due_at FROM photos WHERE product_id = ?', [productId]),
    hoursLater: (hours) => {
      ahead += hours * HOUR_MS;
    },
    close: async () => {
      await sql.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A photo of 200 x 100 pixels, so with renditions of 160 and 200. */
export const smallPhoto = (background = 'red'): Promise<Buffer> =>
  sharp({ create: { width: 200, height: 100, channels: 3, background } })
    .jpeg()
    .toBuffer();

export const declare = (bytes: Uint8Array, type = 'image/jpeg') => ({
  bytes: bytes.length,
  type,
  sha256: createHash('sha256').update(bytes).digest('base64'),
});

/** Sends the bytes as the ticket says. */
export async function send(
  blobs: Blobs,
  { method, url, headers }: UploadTicket,
  body: Uint8Array,
): Promise<number> {
  const request = new Request(new URL(url, 'http://shop'), {
    method,
    headers: { ...headers, 'Content-Length': `${body.length}` },
    body,
  });
  return (await blobs.receive?.(request))?.status ?? 0;
}

export async function requestAndUpload(
  photos: Photos,
  blobs: Blobs,
  productId: string,
  bytes: Uint8Array,
): Promise<string> {
  const { photo, upload } = await photos.request(productId, declare(bytes));
  await send(blobs, upload, bytes);
  return photo.id;
}

/** A photo that went all the way. */
export async function addPhoto({ photos }: PhotoService, shop: Shop, productId: string): Promise<string> {
  const id = await requestAndUpload(photos, shop.blobs, productId, await smallPhoto());
  await photos.complete(productId, id);
  await until(async () => (await shop.pictureOf(productId))?.includes(id));
  return id;
}

/** Resolves when something is so; jest's own time limit ends a wait that is in vain. */
export async function until(condition: () => Promise<unknown>): Promise<void> {
  while (!(await condition())) await sleep(3);
}
