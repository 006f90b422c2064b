import { uuidv7 } from 'uuidv7';
import { NoSuchProductError } from '../inventory/errors';
import type { Blobs, UploadTicket } from '../shared/blobs';
import type { Jobs } from '../shared/jobs';
import { NoSuchPhotoError, NotUploadedError, TooManyPhotosError, UploadDiffersError } from './errors';
import { type Photo, uploadKey } from './photo';
import { type PhotoJob, WORK_MS } from './processing';
import { GRACE_MS, type Settle } from './settling';
import type { PhotoStore } from './store';

const UPLOAD_SECONDS = 15 * 60;
const MOST_PHOTOS = 20;

export interface PhotosDeps {
  readonly store: PhotoStore;
  readonly blobs: Blobs;
  readonly jobs: Jobs<PhotoJob>;
  readonly settle: Settle;
  readonly now: () => number;
}

export type Photos = ReturnType<typeof createPhotos>;

export type Declared = Pick<Photo, 'bytes' | 'type' | 'sha256'>;

/** What staff do with a product's photos. */
export function createPhotos({ store, blobs, jobs, settle, now }: PhotosDeps) {
  const find = async (productId: string, id: string): Promise<Photo> => {
    const photo = await store.find(id);
    if (photo?.productId !== productId)
      throw new NoSuchPhotoError(`The product ${productId} has no photo ${id}`);
    return photo;
  };
  const list = async (productId: string): Promise<Photo[]> => {
    if (!(await store.productExists(productId)))
      throw new NoSuchProductError(`There is no product ${productId}`);
    return store.ofProduct(productId);
  };

  return {
    list,

    /** A new photo, and the permission to upload it within 15 minutes. @throws NoSuchProductError, TooManyPhotosError */
    request: async (
      productId: string,
      declared: Declared,
    ): Promise<{ photo: NewUpload; upload: UploadTicket }> => {
      if ((await list(productId)).length >= MOST_PHOTOS) {
        throw new TooManyPhotosError(`A product has at most ${MOST_PHOTOS} photos: delete one first`);
      }
      const at = now();
      const photo = { ...declared, id: uuidv7(), productId, expiresAt: at + UPLOAD_SECONDS * 1000 };
      await store.insert(photo, at, photo.expiresAt + GRACE_MS);
      const key = uploadKey(photo.id);
      const upload = await blobs.uploadTicket({ ...declared, key, expiresInSeconds: UPLOAD_SECONDS });
      return { photo, upload };
    },

    /**
     * Hands what was uploaded to the workers. Repeating it is fine, and right after a QueueFullError.
     * @throws NoSuchPhotoError, NotUploadedError, UploadDiffersError, QueueFullError
     */
    complete: async (productId: string, id: string): Promise<Photo> => {
      const photo = await find(productId, id);
      if (photo.status === 'deleting') throw new NoSuchPhotoError(`The photo ${id} was deleted`);
      if (photo.status === 'waiting') {
        assertArrived(photo, await blobs.head(uploadKey(id)));
        await store.startProcessing(id, now() + WORK_MS);
      }
      if (photo.status !== 'waiting' && photo.status !== 'processing') return photo;
      await jobs.send({ photoId: id });
      return { ...photo, status: 'processing' };
    },

    /** Repeating it is fine. @throws NoSuchPhotoError */
    remove: async (productId: string, id: string): Promise<void> => {
      await find(productId, id);
      await store.startDeleting(id, now());
      const deleting = await store.find(id);
      // Somebody else may have done the rest meanwhile.
      if (deleting) await settle(deleting);
    },
  };
}

export type NewUpload = Pick<Photo, 'id' | 'expiresAt'>;

function assertArrived({ id, bytes }: Photo, arrived: { readonly bytes: number } | undefined): void {
  if (!arrived)
    throw new NotUploadedError(`Nothing was uploaded for the photo ${id}: upload it, then complete it`);
  if (arrived.bytes !== bytes) {
    throw new UploadDiffersError(
      `${bytes} bytes were declared and ${arrived.bytes} uploaded: start a new photo`,
    );
  }
}
