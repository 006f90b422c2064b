/** The picture itself is at fault, so a retry is useless. The message is shown to the uploader. */
export class RefusedPictureError extends Error {
  override name = 'RefusedPictureError';
}

/** The bytes are not of a supported type, regardless of the name or the declared type. */
export class NotAPictureError extends RefusedPictureError {
  override name = 'NotAPictureError';
}

/** The header is valid, but the pixels cannot be decoded. */
export class DamagedPictureError extends RefusedPictureError {
  override name = 'DamagedPictureError';
}

export class TooManyBytesError extends RefusedPictureError {
  override name = 'TooManyBytesError';
}

/** Decoding the picture would take too much memory. */
export class TooManyPixelsError extends RefusedPictureError {
  override name = 'TooManyPixelsError';
}

/** Decoding took too long, which no regular picture within the other limits does. */
export class TooSlowError extends RefusedPictureError {
  override name = 'TooSlowError';
}
