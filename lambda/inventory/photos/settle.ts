import type { Blobs } from '../../shared/blobs/blobs';
import type { FollowPhotos } from './follow-photos';
import { type Photo, renditionKey, uploadKey } from './photo';
import type { PhotoStore } from './photo-store';

/** An upload that began in time may still arrive during this period. */
export const GRACE_MS = 60 * 60_000;

export interface SettleOptions {
  readonly store: PhotoStore;
  readonly blobs: Blobs;
  readonly followPhotos: FollowPhotos;
  readonly now: () => number;
}

export type Settle = (photo: Photo) => Promise<void>;

/**
 * Finishes a photo that is ready, refused or deleted: updates the product's picture, the blobs and the row.
 * Idempotent: the row stays due until the end, so an interrupted run is repeated.
 */
export function createSettle({ store, blobs, followPhotos, now }: SettleOptions): Settle {
  return async (photo) => {
    const { id, productId, status, pictureDue, expiresAt } = photo;
    if (pictureDue) {
      await followPhotos(productId);
      await store.pictureFollowed(photo);
    }
    if (status !== 'ready') await deleteRenditions(blobs, photo);
    const over = expiresAt + GRACE_MS <= now();
    // The upload stays until its permission ends, since it keeps the key taken.
    if (over || status === 'deleting') await blobs.delete(uploadKey(id));
    if (over && status === 'deleting') await store.drop(photo);
    else await store.settled(photo, over ? null : expiresAt + GRACE_MS);
  };
}

export async function deleteRenditions(
  blobs: Blobs,
  { id, sizes }: Pick<Photo, 'id' | 'sizes'>,
): Promise<void> {
  for (const size of sizes) await blobs.delete(renditionKey(id, size));
}
