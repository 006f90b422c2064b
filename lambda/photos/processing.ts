import { createHash } from 'node:crypto';
import type { Blobs } from '../shared/blobs';
import { RefusedPictureError } from '../thumbnails/errors';
import type { Rendition } from '../thumbnails/render';
import { type Photo, renditionKey, uploadKey } from './photo';
import { deleteRenditions, type Settle } from './settling';
import type { PhotoStore } from './store';

/** Whoever works on a photo has this long before another may think it died. */
export const WORK_MS = 10 * 60_000;

export interface PhotoJob {
  readonly photoId: string;
}

export interface ProcessingDeps {
  readonly store: PhotoStore;
  readonly blobs: Blobs;
  readonly render: (bytes: Uint8Array) => Promise<Rendition[]>;
  readonly settle: Settle;
  readonly now: () => number;
}

/** The worker: makes an uploaded photo ready, or refuses it. Twice, or after it died half-way, has the same end. */
export function createProcessing({ store, blobs, render, settle, now }: ProcessingDeps) {
  return async ({ photoId }: PhotoJob): Promise<void> => {
    const photo = await store.find(photoId);
    if (!photo || photo.status === 'waiting') return;
    if (photo.status === 'processing') await process(photo);
    const ended = await store.find(photoId);
    if (ended) await settle(ended);
  };

  async function process(photo: Photo): Promise<void> {
    if (!(await store.beginAttempt(photo.id, now() + WORK_MS))) {
      // A file that ends the process that reads it would do so for ever.
      await store.refuse(photo.id, 'This picture cannot be read. Save it anew, as JPEG', now());
      return;
    }
    try {
      await publish(photo, await render(await uploaded(photo)));
    } catch (error) {
      if (error instanceof RefusedPictureError) {
        await store.refuse(photo.id, error.message, now());
        return;
      }
      await store.endAttempt(photo.id);
      throw error;
    }
  }

  /** The bytes, which are the declared ones whatever the store checked. */
  async function uploaded({ id, sha256 }: Photo): Promise<Uint8Array> {
    const bytes = await blobs.get(uploadKey(id));
    if (!bytes) throw new RefusedPictureError('The upload is no longer there: upload it again');
    if (createHash('sha256').update(bytes).digest('base64') !== sha256) {
      throw new RefusedPictureError(
        'The bytes that arrived are not those that were announced: upload it again',
      );
    }
    return bytes;
  }

  /** The row names the files before there are any, so that none is ever forgotten. */
  async function publish({ id }: Photo, renditions: readonly Rendition[]): Promise<void> {
    if (!(await store.setSizes(id, renditions))) return;
    for (const rendition of renditions) {
      await blobs.put(renditionKey(id, rendition), rendition.bytes, 'image/webp');
    }
    // Made ready by another worker, or deleted meanwhile: settling sees to both, unless there is no row any more.
    if ((await store.makeReady(id, now())) || (await store.find(id))) return;
    await deleteRenditions(blobs, { id, sizes: renditions });
  }
}
