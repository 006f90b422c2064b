/** The picture itself is to blame, so trying again is useless. The message is for who uploaded it. */
export class RefusedPictureError extends Error {
  override name = 'RefusedPictureError';
}

/** Whatever its name or declared type says, the bytes are not of a type that photos have. */
export class NotAPictureError extends RefusedPictureError {
  override name = 'NotAPictureError';
}

/** It begins like a picture, but its pixels cannot be read to the end. */
export class DamagedPictureError extends RefusedPictureError {
  override name = 'DamagedPictureError';
}

export class TooManyBytesError extends RefusedPictureError {
  override name = 'TooManyBytesError';
}

/** Decoding it would take too much memory. */
export class TooManyPixelsError extends RefusedPictureError {
  override name = 'TooManyPixelsError';
}

/** Decoding it took too long: no honest picture within the other limits does. */
export class TooSlowError extends RefusedPictureError {
  override name = 'TooSlowError';
}
