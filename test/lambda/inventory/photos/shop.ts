import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { findProduct } from '../../../../lambda/inventory/catalog/repository';
import { createCatalog } from '../../../../lambda/inventory/catalog/service';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { galleryFrom } from '../../../../lambda/inventory/photos/photo';
import {
  createPhotoPipeline,
  type PhotoPipeline,
  type PhotoPipelineOptions,
} from '../../../../lambda/inventory/photos/pipeline';
import type { Photos } from '../../../../lambda/inventory/photos/service';
import type { Blobs, UploadTicket } from '../../../../lambda/shared/blobs/blobs';
import { openDiskBlobs } from '../../../../lambda/shared/blobs/disk';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { createThumbnailWorker, type ThumbnailWorkerOptions } from '../../../../lambda/thumbnails/worker';
import { cleanup } from '../../../support/cleanup';
import type { Engine } from '../../../support/engines';
import { until } from '../../../support/until';

export const log = createLog({ write: () => undefined });

const HOUR_MS = 60 * 60_000;

/** A schema, a folder and a clock, and processes of the photo service on them. */
export interface Shop {
  readonly sql: Sql;
  readonly blobs: Blobs;
  /** Starts a process of the service; the given dependencies replace its own. */
  start(deps?: Partial<PhotoPipelineOptions & Pick<ThumbnailWorkerOptions, 'render'>>): PhotoPipeline;
  readonly setPicture: PhotoPipelineOptions['setPicture'];
  product(): Promise<string>;
  pictureOf(productId: string): Promise<string | null | undefined>;
  /** The ids of the photos that shoppers see, in their order. */
  galleryOf(productId: string): Promise<string[]>;
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
  const catalog = createCatalog({ sql, now, changed: async () => undefined });
  const { setPicture } = catalog;
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
    start: ({ render, ...deps } = {}) =>
      createPhotoPipeline({
        ...{ sql, blobs, setPicture, log, now, retryMs: 1 },
        createWorker: (worker) => createThumbnailWorker({ ...worker, render }),
        ...deps,
      }),
    product: async () => {
      const price = { amount: 100, currency: 'USD' };
      const facts = { category: 'kitchen', name: 'Mug', description: '', price, picture: null };
      return (await catalog.create(facts)).product.id;
    },
    pictureOf: async (productId) => (await findProduct(sql, productId))?.product.picture,
    galleryOf: async (productId) => {
      const photos = galleryFrom((await findProduct(sql, productId))?.product.gallery ?? '');
      return photos.map(({ renditions }) => renditions[0]?.url.split('/')[3] ?? '');
    },
    rows: (productId) => sql.query('SELECT id, status, due_at FROM photos WHERE product_id = ?', [productId]),
    hoursLater: (hours) => {
      ahead += hours * HOUR_MS;
    },
    close: cleanup(async () => {
      await sql.close();
      rmSync(folder, { recursive: true });
    }),
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

/** True if nothing is left to do for a photo but to forget its upload. */
export async function settled({ sql }: Shop, id: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT id FROM photos WHERE id = ? AND status IN ('ready', 'refused') AND picture_due = 0 AND due_at > expires_at`,
    [id],
  );
  return rows.length === 1;
}

/** A photo that went all the way. */
export async function addPhoto({ photos }: PhotoPipeline, shop: Shop, productId: string): Promise<string> {
  const id = await requestAndUpload(photos, shop.blobs, productId, await smallPhoto());
  await photos.complete(productId, id);
  await until(() => settled(shop, id));
  return id;
}
