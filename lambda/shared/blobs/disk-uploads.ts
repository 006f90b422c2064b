import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { problem } from '../http/problems';
import { type Blobs, checkKey, UPLOADS, type Upload } from './blobs';

export interface DiskUploadsOptions {
  /** The key for the signatures of tickets. */
  readonly secret: Buffer;
  readonly taken: (key: string) => Promise<boolean>;
  /** Stores all chunks or, if they throw, nothing. Fails with the code EEXIST if the key is taken. */
  readonly store: (key: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
}

type Declared = Pick<Upload, 'key' | 'bytes' | 'type' | 'sha256'>;

/**
 * The protocol of S3's presigned PUT, for a store on disk: the URL's signature covers method, key, size, type, checksum
 * and expiry. The request must match the signature, and the bytes must match the request.
 */
export function createDiskUploads({ secret, taken, store }: DiskUploadsOptions) {
  const sign = ({ key, bytes, type, sha256 }: Declared, expires: number) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['PUT', key, bytes, type, sha256, expires]))
      .digest();

  const uploadTicket: Blobs['uploadTicket'] = async (upload) => {
    const expires = Date.now() + upload.expiresInSeconds * 1000;
    const query = `expires=${expires}&signature=${sign(upload, expires).toString('hex')}`;
    return {
      method: 'PUT',
      url: `${UPLOADS}${checkKey(upload.key)}?${query}`,
      headers: { 'Content-Type': upload.type, 'x-amz-checksum-sha256': upload.sha256 },
    };
  };

  const receive = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const declared: Declared = {
      key: pathname.slice(UPLOADS.length),
      bytes: Number(request.headers.get('content-length')),
      type: request.headers.get('content-type') ?? '',
      sha256: request.headers.get('x-amz-checksum-sha256') ?? '',
    };
    const expires = Number(searchParams.get('expires'));
    const given = Buffer.from(searchParams.get('signature') ?? '', 'hex');
    const expected = sign(declared, expires);
    if (request.method !== 'PUT' || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return refusal(403, 'upload-not-permitted', 'The upload differs from the one that was requested');
    }
    if (expires < Date.now())
      return refusal(403, 'upload-expired', 'The upload URL has expired: request a new one');
    if (await taken(declared.key)) return alreadyUploaded();
    try {
      await store(declared.key, verified(request.body ?? [], declared));
    } catch (error) {
      if (error instanceof UploadDiffersError) return refusal(400, 'upload-differs', error.message);
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return alreadyUploaded();
      throw error;
    }
    return new Response(null, { headers: { 'Cache-Control': 'no-store' } });
  };

  return { uploadTicket, receive } satisfies Partial<Blobs>;
}

/** The bytes differ from the declared ones in number or content. */
class UploadDiffersError extends Error {
  override name = 'UploadDiffersError';
}

/** Passes the chunks on while they can still match. The checksum is verified last, before the file gets its name. */
async function* verified(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { bytes, sha256 }: Declared,
) {
  const hash = createHash('sha256');
  let arrived = 0;
  for await (const chunk of body) {
    arrived += chunk.length;
    if (arrived > bytes)
      throw new UploadDiffersError(`The upload is larger than the declared ${bytes} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (arrived < bytes) throw new UploadDiffersError(`Only ${arrived} of the declared ${bytes} bytes arrived`);
  if (hash.digest('base64') !== sha256)
    throw new UploadDiffersError('The SHA-256 differs from the declared one');
}

const alreadyUploaded = () => refusal(412, 'already-uploaded', 'The file was already uploaded');

const refusal = (status: 400 | 403 | 412, type: string, title: string) => problem({ type, title, status });
