import { jitteredSeconds, RetryLaterError } from '../runtime/retry-later';

/** For content that never changes: every cache may keep it for a year, the longest common value. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** An upload as its client declares it. */
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
 * Permission for one upload: `fetch(url, { method, headers, body })` with exactly the declared bytes.
 * Content-Length is signed too, but not among the headers, since browsers set it themselves.
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
 * Files by key. Implementations: `s3.ts` and `disk.ts`, under one contract test.
 * Everything may throw BlobsUnavailableError.
 * Keys are slash-separated lower-case names (`photos/0197…/640.webp`); other keys throw BadKeyError everywhere.
 */
export interface Blobs {
  /** Stores an immutable file: a key must always get the same bytes. */
  put(key: string, bytes: Uint8Array, type: string): Promise<void>;
  /** The bytes; undefined if the key does not exist. For files that fit in memory. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The size in bytes; undefined if the key does not exist. */
  head(key: string): Promise<{ readonly bytes: number } | undefined>;
  /** Idempotent. */
  delete(key: string): Promise<void>;
  /** The files whose keys have the prefix, in the order of the keys' code units; sizes in bytes. */
  list(prefix: string): AsyncIterable<Stored>;
  /** The upload fails if bytes, size or type differ from the declared ones, if it is late, or if the key is taken. */
  uploadTicket(upload: Upload): Promise<UploadTicket>;
  /** Receives uploads, served by the host under UPLOADS. Absent for stores with an HTTP interface of their own. */
  readonly receive?: (request: Request) => Promise<Response>;
}

/** Hosts serve `receive` under this path, with streamed bodies as large as uploads may be. */
export const UPLOADS = '/blobs/';

/** The store does not answer, or answers that it has too many requests. A change may be done or not. */
export class BlobsUnavailableError extends RetryLaterError {
  override name = 'BlobsUnavailableError';
  constructor(options?: ErrorOptions) {
    super('Files can neither be stored nor read at the moment: try again', jitteredSeconds(), options);
  }
}

class BadKeyError extends Error {
  override name = 'BadKeyError';
}

/** @throws BadKeyError for keys that could leave a folder or need escaping in a URL */
export function checkKey(key: string): string {
  if (key.length > 200 || !/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*(\.[a-z0-9]+)?$/.test(key)) {
    throw new BadKeyError(`A key is like photos/1/640.webp, not "${key.slice(0, 60)}"`);
  }
  return key;
}
