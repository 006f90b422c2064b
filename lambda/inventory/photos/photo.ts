/**
 * waiting (for the upload) → processing → ready or refused; from any of them → deleting, and then the row is deleted.
 * Only the sweeper sees a photo in `deleting`.
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
  /** Reason of a refusal, for people. */
  readonly reason: string | null;
  /** As the uploader declared it: size, media type, and SHA-256 in base64. */
  readonly bytes: number;
  readonly type: string;
  readonly sha256: string;
  /** Sizes of the stored renditions, smallest first. While processing, some may be missing. */
  readonly sizes: readonly Size[];
  /** Attempts that began and have not ended. */
  readonly unfinished: number;
  /** The product's picture may not reflect this photo's last change yet. */
  readonly pictureDue: boolean;
  /** End of the permission to upload. */
  readonly expiresAt: number;
}

/** Width of the product's picture: large on a phone, small on a desktop page. */
const PICTURE_WIDTH = 640;

/** Each upload has its own key, which is never written again. */
export const uploadKey = (photoId: string): string => `uploads/${photoId}`;

export const renditionKey = (photoId: string, { width }: Pick<Size, 'width'>): string =>
  `photos/${photoId}/${width}.webp`;

/** Hosts, proxies and the CDN serve the store's `photos/` under this path. */
export const renditionUrl = (photoId: string, size: Pick<Size, 'width'>): string =>
  `/media/${renditionKey(photoId, size)}`;

/** The largest rendition up to 640 pixels wide: a small photo has none of exactly that width. */
export function pictureOf({ id, sizes }: Pick<Photo, 'id' | 'sizes'>): string | null {
  const size = sizes.findLast(({ width }) => width <= PICTURE_WIDTH);
  return size ? renditionUrl(id, size) : null;
}

/** The format of the column: `160x120 320x240`. */
export const sizesText = (sizes: readonly Size[]): string =>
  sizes.map(({ width, height }) => `${width}x${height}`).join(' ');

export function sizesFrom(text: string): Size[] {
  return [...text.matchAll(/(\d+)x(\d+)/g)].map(([, width, height]) => ({
    width: Number(width),
    height: Number(height),
  }));
}

/** The ready photos, as shoppers see them: the one that staff chose, if any, then the newest first. */
export function shownPhotos(photos: readonly Photo[], chosen: string | null): Photo[] {
  const ready = photos.filter(({ status }) => status === 'ready').reverse();
  return [...ready.filter(({ id }) => id === chosen), ...ready.filter(({ id }) => id !== chosen)];
}

/** The format of the column `products.gallery`: a line for each photo that shoppers see. */
export const galleryText = (photos: readonly Pick<Photo, 'id' | 'sizes'>[]): string =>
  photos.map(({ id, sizes }) => `${id} ${sizesText(sizes)}`).join('\n');

/** The photos of that text, as the API has them. */
export const galleryFrom = (text: string) =>
  text.split('\n').flatMap((line) => {
    const [id = '', ...sizes] = line.split(' ');
    const renditions = renditionsOf({ id, sizes: sizesFrom(sizes.join(' ')) });
    return renditions.length > 0 ? [{ renditions }] : [];
  });

export const renditionsOf = ({ id, sizes }: Pick<Photo, 'id' | 'sizes'>) =>
  sizes.map((size) => ({ ...size, url: renditionUrl(id, size) }));
