import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { PLACEMENT_KEY } from '../object-keys';
import { type Marked, type Marker, MarkerChangedError, type Place, type Placement } from './placement';

/** The object's content: `write` makes the ETag of each write unique and lets a writer recognize its own. */
interface Stored<At extends string> extends Placement<At> {
  readonly write: string;
}

/** One object, replaced only if its ETag still matches (S3's conditional writes). */
export function s3Marker<At extends string = Place>(
  client: S3Client,
  bucket: string,
  key = PLACEMENT_KEY,
): Marker<At> {
  const at = { Bucket: bucket, Key: key };

  const load = async (): Promise<{ stored: Stored<At>; revision: string } | undefined> => {
    try {
      const { Body, ETag = '' } = await client.send(new GetObjectCommand(at));
      return { stored: JSON.parse((await Body?.transformToString()) ?? ''), revision: ETag };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  };

  return {
    read: async () => {
      const found = await load();
      return found && marked(found.stored, found.revision);
    },
    write: async (next, expected) => {
      const stored: Stored<At> = { ...next, write: randomUUID() };
      const condition = expected ? { IfMatch: expected.revision } : { IfNoneMatch: '*' };
      try {
        const put = { ...at, ...condition, Body: JSON.stringify(stored), ContentType: 'application/json' };
        const { ETag = '' } = await client.send(new PutObjectCommand(put));
        return marked(stored, ETag);
      } catch (error) {
        if (![404, 409, 412].includes(statusOf(error))) throw error;
        // The SDK retries a request whose response was lost: this very write may have changed the object.
        const found = await load();
        if (found?.stored.write === stored.write) return marked(stored, found.revision);
        throw new MarkerChangedError();
      }
    },
  };
}

const marked = <At extends string>({ write, ...placement }: Stored<At>, revision: string): Marked<At> => ({
  placement,
  revision,
});

const statusOf = (error: unknown): number =>
  error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
