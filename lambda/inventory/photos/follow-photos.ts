import { galleryText, type Photo, pictureOf, shownPhotos } from './photo';
import type { PhotoStore } from './photo-store';

export interface FollowPhotosOptions {
  readonly store: Pick<PhotoStore, 'ofProduct'>;
  /** Sets or clears the product's picture, and sets its gallery (`galleryText`). Idempotent. */
  readonly setPicture: (productId: string, picture: string | null, gallery?: string) => Promise<void>;
  /** The id of the photo that staff chose as the main one. */
  readonly chosenPhoto: (productId: string) => Promise<string | null>;
}

export type FollowPhotos = (productId: string) => Promise<void>;

/**
 * Makes the picture and the gallery of a product those of its ready photos. Looks again afterwards: a concurrent call may
 * have set those of before.
 */
export function createFollowPhotos({ store, setPicture, chosenPhoto }: FollowPhotosOptions): FollowPhotos {
  const shown = async (productId: string): Promise<Photo[]> =>
    shownPhotos(await store.ofProduct(productId), await chosenPhoto(productId));
  return async (productId) => {
    let gallery: string;
    do {
      const photos = await shown(productId);
      const [main] = photos;
      gallery = galleryText(photos);
      await setPicture(productId, main ? pictureOf(main) : null, gallery);
    } while (galleryText(await shown(productId)) !== gallery);
  };
}
