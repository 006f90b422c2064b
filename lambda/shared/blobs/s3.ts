import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Blobs, BlobsUnavailableError, checkKey, IMMUTABLE } from './blobs';

/** S3 refuses an upload whose values of these headers differ from the signed ones. */
const SIGNED = ['content-length', 'content-type', 'host', 'if-none-match', 'x-amz-checksum-sha256'];

/** A connection that is silent for longer is given up, and the request sent again, three times in all. */
const LIMITS = { connectionTimeout: 1000, socketTimeout: 5000 };

/** Of a request without a file, with its repetitions: pages wait for an answer for 15 s, and then know nothing. */
const BRIEF_MS = 8000;

/** An S3 bucket. Browsers upload straight to it, so its CORS rule must allow PUT with the headers of a ticket. */
export function openS3Blobs(bucket: string, config: S3ClientConfig = {}, briefMs = BRIEF_MS): Blobs {
  const client = new S3Client({ requestHandler: LIMITS, ...config });
  const briefly = () => ({ abortSignal: AbortSignal.timeout(briefMs) });
  const at = (key: string) => ({ Bucket: bucket, Key: checkKey(key) });
  return {
    put: async (key, bytes, type) => {
      await answered(
        client.send(
          new PutObjectCommand({ ...at(key), Body: bytes, ContentType: type, CacheControl: IMMUTABLE }),
        ),
      );
    },
    get: async (key) => {
      const found = await unlessMissing(client.send(new GetObjectCommand(at(key))));
      return found?.Body && answered(found.Body.transformToByteArray());
    },
    head: async (key) => {
      const found = await unlessMissing(client.send(new HeadObjectCommand(at(key)), briefly()));
      return found && { bytes: found.ContentLength ?? 0 };
    },
    delete: async (key) => {
      await answered(client.send(new DeleteObjectCommand(at(key)), briefly()));
    },
    list: async function* (prefix) {
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key: key, Size: bytes } of page.Contents ?? []) {
            if (key !== undefined && bytes !== undefined) yield { key, bytes };
          }
        }
      } catch (error) {
        throw translated(error);
      }
    },
    uploadTicket: async ({ key, bytes, type, sha256, expiresInSeconds }) => {
      // The key must be free: a URL can be reused until it expires and would overwrite the first upload.
      const command = new PutObjectCommand({
        ...at(key),
        ContentLength: bytes,
        ContentType: type,
        ChecksumSHA256: sha256,
        IfNoneMatch: '*',
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: expiresInSeconds,
        signableHeaders: new Set(SIGNED),
        // By default it moves into the query, where S3 would not enforce it.
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      });
      const headers = { 'Content-Type': type, 'x-amz-checksum-sha256': sha256, 'If-None-Match': '*' };
      return { method: 'PUT', url, headers };
    },
  };
}

async function unlessMissing<Output>(answer: Promise<Output>): Promise<Output | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
    throw translated(error);
  }
}

const answered = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
  answer.catch((error: unknown) => {
    throw translated(error);
  });

/** Errors of the service that are ours, such as a missing right, stay as they are: a repetition would not help. */
function translated(error: unknown): unknown {
  const isOurs = error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
  return isOurs ? error : new BlobsUnavailableError({ cause: error });
}
