import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type Marked, type Marker, MarkerChangedError, type Placement } from './placement';

/** The marker's key in the Deployments bucket. */
export const PLACEMENT_KEY = 'placement.json';

/** What stands in the object: `write` makes each write's ETag its own and tells a writer which one is its own. */
interface Stored extends Placement {
  readonly write: string;
}

/** One object, replaced only by who names its ETag (S3's conditional writes). */
export function s3Marker(client: S3Client, bucket: string): Marker {
  const at = { Bucket: bucket, Key: PLACEMENT_KEY };

  const load = async (): Promise<{ stored: Stored; revision: string } | undefined> => {
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
      const stored: Stored = { ...next, write: randomUUID() };
      const condition = expected ? { IfMatch: expected.revision } : { IfNoneMatch: '*' };
      try {
        const put = { ...at, ...condition, Body: JSON.stringify(stored), ContentType: 'application/json' };
        const { ETag = '' } = await client.send(new PutObjectCommand(put));
        return marked(stored, ETag);
      } catch (error) {
        if (![404, 409, 412].includes(statusOf(error))) throw error;
        // The SDK repeats a request whose answer was lost: then it was this write that changed the object.
        const found = await load();
        if (found?.stored.write === stored.write) return marked(stored, found.revision);
        throw new MarkerChangedError();
      }
    },
  };
}

const marked = ({ write, ...placement }: Stored, revision: string): Marked => ({ placement, revision });

const statusOf = (error: unknown): number =>
  error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
