/** What never changes again once it is stored: every cache may keep it for good (a year is the longest there is). */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What somebody wants to upload, as they declare it. */
export interface Upload {
  readonly key: string;
  /** The size in bytes. */
  readonly bytes: number;
  /** The media type: `image/jpeg`. */
  readonly type: string;
  /** SHA-256 of the bytes, in base64. */
  readonly sha256: string;
  readonly expiresInSeconds: number;
}

/**
 * Permission for one upload: `fetch(url, { method, headers, body })` with exactly the bytes that were declared.
 * A browser sets Content-Length itself, so it is not among the headers; it is signed all the same.
 */
export interface UploadTicket {
  readonly method: 'PUT';
  /** Absolute, or a path on the shop's own origin. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Stored {
  readonly key: string;
  readonly bytes: number;
}

/**
 * Files by key. Implementations: `blobs-s3.ts` and `blobs-disk.ts`, under one contract test.
 * A key is slash-separated lower-case names (`photos/0197…/640.webp`); every function refuses others with BadKeyError.
 */
export interface Blobs {
  /** Stores what will never change again under its key: the same key always gets the same bytes. */
  put(key: string, bytes: Uint8Array, type: string): Promise<void>;
  /** The bytes, or undefined when there are none under the key. For files that fit in memory. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The size in bytes, or undefined when there is nothing under the key. */
  head(key: string): Promise<{ readonly bytes: number } | undefined>;
  /** Deleting what is not there is fine. */
  delete(key: string): Promise<void>;
  /** What is stored under keys that begin so, in the order of the keys' characters; sizes in bytes. */
  list(prefix: string): AsyncIterable<Stored>;
  /** Refused when it is used: other bytes, size or type than declared, too late, or a key that holds something. */
  uploadTicket(upload: Upload): Promise<UploadTicket>;
  /** The store's own end of its tickets, for the host to serve under UPLOADS; a store with HTTP of its own has none. */
  readonly receive?: (request: Request) => Promise<Response>;
}

/** Where a host serves `receive`. Bodies are as large as uploads may be, and are streamed. */
export const UPLOADS = '/blobs/';

class BadKeyError extends Error {
  override name = 'BadKeyError';
}

/** @throws BadKeyError for what could leave a folder or needs escaping in a URL */
export function checkKey(key: string): string {
  if (key.length > 200 || !/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*(\.[a-z0-9]+)?$/.test(key)) {
    throw new BadKeyError(`A key is like photos/1/640.webp, not "${key.slice(0, 60)}"`);
  }
  return key;
}

/** Opens the store that a URL names: `s3://bucket` or `file:/folder`. */
export async function openBlobs(url: string): Promise<Blobs> {
  if (url.startsWith('s3://')) return (await import('./blobs-s3')).openS3Blobs(url.slice('s3://'.length));
  if (url.startsWith('file:')) return (await import('./blobs-disk')).openDiskBlobs(url.slice('file:'.length));
  throw new Error(`A blob store's URL starts with s3:// or file:, not "${url.slice(0, 60)}"`);
}
