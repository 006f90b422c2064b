import type { Blobs } from '../../shared/blobs/blobs';
import type { PhotoKey, PhotoStore } from './photo-store';
import type { Settle } from './settle';

/** The photo to render. */
export type PhotoJob = PhotoKey;

/** A worker that takes longer than this counts as dead, and another one may take over. */
export const PROCESSING_TIMEOUT_MS = 10 * 60_000;

export interface PhotoWorkerOptions {
  readonly store: PhotoStore;
  readonly blobs: Blobs;
  /** Absent in a process without the database: one that has it finishes the photo, which is due at once. */
  readonly settle?: Settle;
  readonly now: () => number;
}

/** Creates the worker for photos. `lambda/thumbnails` implements it, a layer above this service. */
export type CreatePhotoWorker = (options: PhotoWorkerOptions) => (job: PhotoJob) => Promise<void>;
