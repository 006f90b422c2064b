import { createHash } from 'node:crypto';
import { type Photo, renditionKey, uploadKey } from '../inventory/photos/photo';
import { type PhotoJob, type PhotoWorkerOptions, PROCESSING_TIMEOUT_MS } from '../inventory/photos/photo-job';
import { deleteRenditions } from '../inventory/photos/settle';
import { RefusedPictureError } from './errors';
import type { Rendition } from './render';

export interface ThumbnailWorkerOptions extends PhotoWorkerOptions {
  /** Default: sharp, loaded for the first photo. */
  readonly render?: (bytes: Uint8Array) => Promise<Rendition[]>;
}

/** Renders an uploaded photo, or refuses it. Idempotent, also after a crash half-way. */
export function createThumbnailWorker({
  store,
  blobs,
  settle,
  now,
  render = withSharp,
}: ThumbnailWorkerOptions) {
  return async (job: PhotoJob): Promise<void> => {
    const photo = await store.find(job);
    if (!photo || photo.status === 'waiting') return;
    if (photo.status === 'processing') await process(photo);
    const ended = settle && (await store.find(job));
    if (ended) await settle?.(ended);
  };

  async function process(photo: Photo): Promise<void> {
    if (!(await store.beginAttempt(photo, now() + PROCESSING_TIMEOUT_MS))) {
      // A file that crashes its readers would do so for ever.
      await store.refuse(photo, 'This picture cannot be read. Save it again as JPEG', now());
      return;
    }
    try {
      await publish(photo, await render(await uploaded(photo)));
    } catch (error) {
      if (error instanceof RefusedPictureError) {
        await store.refuse(photo, error.message, now());
        return;
      }
      await store.endAttempt(photo);
      throw error;
    }
  }

  /** Reads the upload and verifies its checksum, without relying on the store's own check. */
  async function uploaded({ id, sha256 }: Photo): Promise<Uint8Array> {
    const bytes = await blobs.get(uploadKey(id));
    if (!bytes) throw new RefusedPictureError('The uploaded file no longer exists: upload it again');
    if (createHash('sha256').update(bytes).digest('base64') !== sha256) {
      throw new RefusedPictureError('The uploaded file differs from the declared one: upload it again');
    }
    return bytes;
  }

  /** The row lists the files before they are written, so that none can be orphaned. */
  async function publish(photo: Photo, renditions: readonly Rendition[]): Promise<void> {
    if (!(await store.setSizes(photo, renditions))) return;
    for (const rendition of renditions) {
      await blobs.put(renditionKey(photo.id, rendition), rendition.bytes, 'image/webp');
    }
    // Another worker finished it, or it was deleted: settling handles both, unless the row no longer exists.
    if ((await store.makeReady(photo, now())) || (await store.find(photo))) return;
    await deleteRenditions(blobs, { id: photo.id, sizes: renditions });
  }
}

/** Loaded on demand: processes without photos save the start-up time and memory. */
async function withSharp(bytes: Uint8Array): Promise<Rendition[]> {
  return (await import('./render')).render(bytes);
}
