import type { Blobs } from '../shared/blobs';
import { type Photo, pictureOf, renditionKey, uploadKey } from './photo';
import type { PhotoStore } from './store';

/** An upload that began before its permission ended may still arrive; after this it is over. */
export const GRACE_MS = 60 * 60_000;

export interface SettlingDeps {
  readonly store: PhotoStore;
  readonly blobs: Blobs;
  /** Makes a path the product's picture, or says that it has none. The same one again is fine. */
  readonly setPicture: (productId: string, picture: string | null) => Promise<void>;
  readonly now: () => number;
}

export type Settle = (photo: Photo) => Promise<void>;

/**
 * Does what follows from a photo being ready, refused or deleted: the product's picture, the blobs, the row.
 * The row says until the end that something is left to do, so whatever breaks off is done again, to the same end.
 */
export function createSettling({ store, blobs, setPicture, now }: SettlingDeps): Settle {
  return async (photo) => {
    const { id, productId, status, pictureDue, expiresAt } = photo;
    if (pictureDue) {
      await followPhotos(productId);
      await store.pictureFollowed(photo);
    }
    if (status !== 'ready') await deleteRenditions(blobs, photo);
    const over = expiresAt + GRACE_MS <= now();
    // What is uploaded stays until the permission to upload is over: it keeps the key taken.
    if (over || status === 'deleting') await blobs.delete(uploadKey(id));
    if (over && status === 'deleting') await store.drop(id);
    else await store.settled(photo, over ? null : expiresAt + GRACE_MS);
  };

  /** The newest ready photo is the picture. Looks again after: of several at once, the last to set it is right. */
  async function followPhotos(productId: string): Promise<void> {
    let newest: Photo | undefined;
    do {
      newest = await store.newestReady(productId);
      await setPicture(productId, newest ? pictureOf(newest) : null);
    } while ((await store.newestReady(productId))?.id !== newest?.id);
  }
}

export async function deleteRenditions(
  blobs: Blobs,
  { id, sizes }: Pick<Photo, 'id' | 'sizes'>,
): Promise<void> {
  for (const size of sizes) await blobs.delete(renditionKey(id, size));
}
