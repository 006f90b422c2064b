import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Blobs, checkKey, UPLOADS, type Upload } from './blobs';
import { problem } from './problems';

export interface DiskUploadsDeps {
  /** Signs what a ticket permits. */
  readonly secret: Buffer;
  readonly taken: (key: string) => Promise<boolean>;
  /** Stores all chunks or, when they throw, nothing; an error with the code EEXIST when the key is taken. */
  readonly store: (key: string, chunks: AsyncIterable<Uint8Array>) => Promise<void>;
}

type Declared = Pick<Upload, 'key' | 'bytes' | 'type' | 'sha256'>;

/**
 * The upload protocol of S3's presigned PUT, spoken by the shop itself: a URL whose signature covers method, key,
 * size, type, checksum and expiry. The signature is checked against what the request says, the bytes against both.
 */
export function createDiskUploads({ secret, taken, store }: DiskUploadsDeps) {
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
      return refusal(403, 'upload-not-permitted', 'The upload is not the one that was asked for');
    }
    if (expires < Date.now()) return refusal(403, 'upload-expired', 'The time to upload is over: ask again');
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

/** The bytes that arrive are fewer, more or others than the request says. */
class UploadDiffersError extends Error {
  override name = 'UploadDiffersError';
}

/** Passes the chunks on as long as they can be what was declared; the last word, before they get their name, is the checksum. */
async function* verified(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { bytes, sha256 }: Declared,
) {
  const hash = createHash('sha256');
  let arrived = 0;
  for await (const chunk of body) {
    arrived += chunk.length;
    if (arrived > bytes) throw new UploadDiffersError(`More than the ${bytes} declared bytes arrived`);
    hash.update(chunk);
    yield chunk;
  }
  if (arrived < bytes) throw new UploadDiffersError(`${arrived} of the ${bytes} declared bytes arrived`);
  if (hash.digest('base64') !== sha256) throw new UploadDiffersError('The SHA-256 is not the declared one');
}

const alreadyUploaded = () => refusal(412, 'already-uploaded', 'This was uploaded before');

const refusal = (status: number, type: string, title: string) => problem({ type, title, status });
