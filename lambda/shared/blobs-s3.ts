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
import { type Blobs, checkKey, IMMUTABLE } from './blobs';

/** What an upload cannot differ in: S3 refuses a request whose headers are not the ones that were signed. */
const SIGNED = ['content-length', 'content-type', 'host', 'if-none-match', 'x-amz-checksum-sha256'];

/** An S3 bucket. Browsers upload straight to it, so its CORS rule must allow PUT with the headers of a ticket. */
export function openS3Blobs(bucket: string, config: S3ClientConfig = {}): Blobs {
  const client = new S3Client(config);
  const at = (key: string) => ({ Bucket: bucket, Key: checkKey(key) });
  return {
    put: async (key, bytes, type) => {
      await client.send(
        new PutObjectCommand({ ...at(key), Body: bytes, ContentType: type, CacheControl: IMMUTABLE }),
      );
    },
    get: async (key) => {
      const found = await unlessMissing(client.send(new GetObjectCommand(at(key))));
      return found?.Body?.transformToByteArray();
    },
    head: async (key) => {
      const found = await unlessMissing(client.send(new HeadObjectCommand(at(key))));
      return found && { bytes: found.ContentLength ?? 0 };
    },
    delete: async (key) => {
      await client.send(new DeleteObjectCommand(at(key)));
    },
    list: async function* (prefix) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key: key, Size: bytes } of page.Contents ?? []) {
          if (key !== undefined && bytes !== undefined) yield { key, bytes };
        }
      }
    },
    uploadTicket: async ({ key, bytes, type, sha256, expiresInSeconds }) => {
      // The key must be free: a URL can be used until it expires, and would overwrite what was uploaded before.
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
        // In the query, where it goes otherwise, a sender could not be held to it.
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
    throw error;
  }
}
