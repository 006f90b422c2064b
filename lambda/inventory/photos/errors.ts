import { BlobsUnavailableError } from '../../shared/blobs/blobs';
import type { KnownProblem } from '../../shared/http/problems';
import { QueueFullError, QueueUnavailableError } from '../../shared/jobs/jobs';
import { PhotoBetweenStoresError } from './two-stores';

/** The product has no photo with the id. */
export class NoSuchPhotoError extends Error {
  override name = 'NoSuchPhotoError';
}

/** The product has the maximum number of photos. */
export class TooManyPhotosError extends Error {
  override name = 'TooManyPhotosError';
}

/** An upload was completed before its file arrived. */
export class NotUploadedError extends Error {
  override name = 'NotUploadedError';
}

/** The uploaded file differs from the declared one. */
export class UploadDiffersError extends Error {
  override name = 'UploadDiffersError';
}

/** The photo is not processed, or was refused or deleted. */
export class PhotoNotReadyError extends Error {
  override name = 'PhotoNotReadyError';
}

export const PHOTO_NOT_READY = {
  error: PhotoNotReadyError,
  status: 409,
  type: 'photo-not-ready',
  title: 'The photo is not ready',
} as const satisfies KnownProblem;

export const NO_SUCH_PHOTO = {
  error: NoSuchPhotoError,
  status: 404,
  type: 'no-such-photo',
  title: 'Photo not found',
} as const satisfies KnownProblem;

export const TOO_MANY_PHOTOS = {
  error: TooManyPhotosError,
  status: 409,
  type: 'too-many-photos',
  title: 'Too many photos',
} as const satisfies KnownProblem;

export const NOT_UPLOADED = {
  error: NotUploadedError,
  status: 409,
  type: 'not-uploaded',
  title: 'The photo is not uploaded yet',
} as const satisfies KnownProblem;

export const UPLOAD_DIFFERS = {
  error: UploadDiffersError,
  status: 409,
  type: 'upload-differs',
  title: 'The upload differs from its declaration',
} as const satisfies KnownProblem;

/** The queue of photos is full. QueueFullError is generic and does not mention photos. */
export const PHOTO_QUEUE_FULL = {
  error: QueueFullError,
  status: 503,
  type: 'busy',
  title: 'Too many photos are being processed: try again in a moment',
} as const satisfies KnownProblem;

/** The upload is there, and a job for it follows within ten minutes at the latest. */
const PHOTO_QUEUE_UNAVAILABLE = {
  error: QueueUnavailableError,
  status: 503,
  type: 'busy',
  title: 'The photo is not queued yet: try again in a moment',
} as const satisfies KnownProblem;

const PHOTO_STORE_UNAVAILABLE = {
  error: BlobsUnavailableError,
  status: 503,
  type: 'busy',
  title: 'Photos can neither be stored nor read: try again in a moment',
} as const satisfies KnownProblem;

const PHOTO_BETWEEN_STORES = {
  error: PhotoBetweenStoresError,
  status: 503,
  type: 'busy',
  title: 'The photo is being moved: try again in a moment',
} as const satisfies KnownProblem;

export const photoProblems: readonly KnownProblem[] = [
  NO_SUCH_PHOTO,
  PHOTO_NOT_READY,
  TOO_MANY_PHOTOS,
  NOT_UPLOADED,
  UPLOAD_DIFFERS,
  PHOTO_QUEUE_FULL,
  PHOTO_QUEUE_UNAVAILABLE,
  PHOTO_STORE_UNAVAILABLE,
  PHOTO_BETWEEN_STORES,
];
