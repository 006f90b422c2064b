import { uuidv7 } from 'uuidv7';
import type { Blobs, UploadTicket } from '../../shared/blobs/blobs';
import type { Jobs } from '../../shared/jobs/jobs';
import { NoSuchProductError } from '../catalog/errors';
import {
  NoSuchPhotoError,
  NotUploadedError,
  PhotoNotReadyError,
  TooManyPhotosError,
  UploadDiffersError,
} from './errors';
import type { FollowPhotos, FollowPhotosOptions } from './follow-photos';
import { type Photo, shownPhotos, uploadKey } from './photo';
import { type PhotoJob, PROCESSING_TIMEOUT_MS } from './photo-job';
import type { PhotoStore } from './photo-store';
import { GRACE_MS, type Settle } from './settle';

export const UPLOAD_SECONDS = 15 * 60;
const MAX_PHOTOS = 20;

export interface PhotosOptions {
  readonly store: PhotoStore;
  readonly productExists: (productId: string) => Promise<boolean>;
  readonly chosenPhoto: FollowPhotosOptions['chosenPhoto'];
  /** Keeps the choice of staff; the product does not show it yet. */
  readonly choosePhoto: (productId: string, photoId: string) => Promise<void>;
  readonly followPhotos: FollowPhotos;
  readonly blobs: Blobs;
  readonly jobs: Jobs<PhotoJob>;
  readonly settle: Settle;
  readonly now: () => number;
}

export type Photos = ReturnType<typeof createPhotos>;

export type Declared = Pick<Photo, 'bytes' | 'type' | 'sha256'>;

/** The photos of a product, for staff. */
export function createPhotos(options: PhotosOptions) {
  const { store, productExists, chosenPhoto, choosePhoto, followPhotos, blobs, jobs, settle, now } = options;
  const find = async (productId: string, id: string): Promise<Photo> => {
    const photo = await store.find({ id, productId });
    if (!photo) throw new NoSuchPhotoError(`The product ${productId} has no photo ${id}`);
    return photo;
  };
  const findUndeleted = async (productId: string, id: string): Promise<Photo> => {
    const photo = await find(productId, id);
    if (photo.status === 'deleting') throw new NoSuchPhotoError(`The photo ${id} was deleted`);
    return photo;
  };
  const list = async (productId: string): Promise<Photo[]> => {
    if (!(await productExists(productId))) throw new NoSuchProductError(`No product has the id ${productId}`);
    return store.ofProduct(productId);
  };

  return {
    list,

    /** The id of the photo that is the picture of the product; undefined while none is ready. */
    main: async (productId: string): Promise<string | undefined> =>
      shownPhotos(await store.ofProduct(productId), await chosenPhoto(productId))[0]?.id,

    /**
     * Makes a photo the picture of the product, also when newer ones come. Idempotent.
     * @throws NoSuchPhotoError, PhotoNotReadyError
     */
    choose: async (productId: string, id: string): Promise<void> => {
      const { status } = await find(productId, id);
      if (status !== 'ready')
        throw new PhotoNotReadyError(`The photo ${id} is not ready: it cannot be shown yet`);
      await choosePhoto(productId, id);
      await followPhotos(productId);
    },

    /**
     * A new photo, to be uploaded within 15 minutes, unless there is no room to process it.
     * @throws NoSuchProductError, TooManyPhotosError, QueueFullError
     */
    request: async (
      productId: string,
      declared: Declared,
    ): Promise<{ photo: NewUpload; upload: UploadTicket }> => {
      if ((await list(productId)).length >= MAX_PHOTOS) {
        throw new TooManyPhotosError(`A product has at most ${MAX_PHOTOS} photos: delete one first`);
      }
      await jobs.assertRoom();
      const at = now();
      const photo = { ...declared, id: uuidv7(), productId, expiresAt: at + UPLOAD_SECONDS * 1000 };
      await store.insert(photo, at, photo.expiresAt + GRACE_MS);
      const key = uploadKey(photo.id);
      const upload = await blobs.uploadTicket({ ...declared, key, expiresInSeconds: UPLOAD_SECONDS });
      return { photo, upload };
    },

    /**
     * Queues the uploaded file for processing. Idempotent: repeat it after a QueueFullError.
     * @throws NoSuchPhotoError, NotUploadedError, UploadDiffersError, QueueFullError
     */
    complete: async (productId: string, id: string): Promise<Photo> => {
      const photo = await findUndeleted(productId, id);
      if (photo.status === 'waiting') {
        const arrived = await blobs.head(uploadKey(id));
        // It may have been deleted meanwhile, and its file with it.
        if (!arrived) await findUndeleted(productId, id);
        assertArrived(photo, arrived);
        await store.startProcessing(photo, now() + PROCESSING_TIMEOUT_MS);
      }
      if (photo.status !== 'waiting' && photo.status !== 'processing') return photo;
      await jobs.send({ id, productId });
      return { ...photo, status: 'processing' };
    },

    /** Idempotent. @throws NoSuchPhotoError */
    remove: async (productId: string, id: string): Promise<void> => {
      const photo = await find(productId, id);
      await store.startDeleting(photo, now());
      const deleting = await store.find(photo);
      // Another process may have settled it by now.
      if (deleting) await settle(deleting);
    },
  };
}

export type NewUpload = Pick<Photo, 'id' | 'expiresAt'>;

function assertArrived({ id, bytes }: Photo, arrived: { readonly bytes: number } | undefined): void {
  if (!arrived) throw new NotUploadedError(`The photo ${id} has no file yet: upload it, then complete it`);
  if (arrived.bytes !== bytes) {
    throw new UploadDiffersError(
      `${bytes} bytes were declared and ${arrived.bytes} were uploaded: start a new photo`,
    );
  }
}
