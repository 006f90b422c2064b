/**
 * waiting (for the upload) → processing → ready or refused; deleting from any of them, and then the row goes.
 * Nobody but the sweeper sees one that is being deleted.
 */
export type Status = 'waiting' | 'processing' | 'ready' | 'refused' | 'deleting';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Photo {
  readonly id: string;
  readonly productId: string;
  readonly status: Status;
  /** Why it was refused, for people. */
  readonly reason: string | null;
  /** What the uploader declared: size, media type, and SHA-256 in base64. */
  readonly bytes: number;
  readonly type: string;
  readonly sha256: string;
  /** Of the renditions that are stored, or may be in part while it is processed; smallest first. */
  readonly sizes: readonly Size[];
  /** The product's picture may not have followed this photo's last change yet. */
  readonly pictureDue: boolean;
  /** When the permission to upload ends. */
  readonly expiresAt: number;
}

/** A picture of this width is the product's: what a page shows large on a phone and small on a desk. */
const PICTURE_WIDTH = 640;

/** Each upload has a key of its own, which is never written again. */
export const uploadKey = (photoId: string): string => `uploads/${photoId}`;

export const renditionKey = (photoId: string, { width }: Pick<Size, 'width'>): string =>
  `photos/${photoId}/${width}.webp`;

/** The path under which hosts, proxies and the CDN serve what the store holds under `photos/`. */
export const renditionUrl = (photoId: string, size: Pick<Size, 'width'>): string =>
  `/media/${renditionKey(photoId, size)}`;

/** The largest rendition up to 640 pixels wide: a small photo has none of exactly that. */
export function pictureOf({ id, sizes }: Pick<Photo, 'id' | 'sizes'>): string | null {
  const size = sizes.findLast(({ width }) => width <= PICTURE_WIDTH);
  return size ? renditionUrl(id, size) : null;
}

/** As a column holds them: `160x120 320x240`. */
export const sizesText = (sizes: readonly Size[]): string =>
  sizes.map(({ width, height }) => `${width}x${height}`).join(' ');

export function sizesFrom(text: string): Size[] {
  return [...text.matchAll(/(\d+)x(\d+)/g)].map(([, width, height]) => ({
    width: Number(width),
    height: Number(height),
  }));
}
