import type { KnownProblem } from '../shared/problems';

/** The product has no photo with the id. */
export class NoSuchPhotoError extends Error {
  override name = 'NoSuchPhotoError';
}

/** The product has as many photos as it may. */
export class TooManyPhotosError extends Error {
  override name = 'TooManyPhotosError';
}

/** An upload was called complete, but nothing arrived. */
export class NotUploadedError extends Error {
  override name = 'NotUploadedError';
}

/** What arrived is not what was declared. */
export class UploadDiffersError extends Error {
  override name = 'UploadDiffersError';
}

export const photoProblems: readonly KnownProblem[] = [
  { error: NoSuchPhotoError, status: 404, type: 'no-such-photo', title: 'There is no such photo' },
  {
    error: TooManyPhotosError,
    status: 409,
    type: 'too-many-photos',
    title: 'It has as many photos as it may',
  },
  { error: NotUploadedError, status: 409, type: 'not-uploaded', title: 'Nothing was uploaded yet' },
  { error: UploadDiffersError, status: 409, type: 'upload-differs', title: 'Something else was uploaded' },
];
