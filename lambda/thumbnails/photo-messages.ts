import { SQSClient } from '@aws-sdk/client-sqs';
import type { PhotoJob } from '../inventory/photos/photo-job';
import { createTablePhotos, photoTable } from '../inventory/photos/table-repository';
import { openBlobs } from '../shared/blobs/open';
import { createMessageHandler, type Queue } from '../shared/jobs/message-handler';
import type { Logger } from '../shared/runtime/log';
import { required, SETTING } from '../shared/runtime/settings';
import { openDynamoDbTable } from '../shared/tables/dynamodb-table';
import { ATTEMPTS } from './queue-limits';
import { createThumbnailWorker } from './worker';

/** A photo that was given up is tried again by itself: the cause may be gone, and nobody may have looked. */
const NEXT_DAY_MS = 24 * 60 * 60_000;

/** Everything that a worker needs: the table, the bucket and the queue; neither the database nor the VPC. */
export async function openPhotoMessages(env: NodeJS.ProcessEnv, log: Logger) {
  // The environment names the server, if it is another than that of the region.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false });
  const queue: Queue = {
    url: required(env, SETTING.photoQueue),
    deadLetterUrl: required(env, SETTING.photoDeadLetters),
    attempts: ATTEMPTS,
  };
  const table = openDynamoDbTable({ definition: photoTable, name: required(env, SETTING.photoTable) });
  const store = createTablePhotos(table);
  const blobs = await openBlobs(required(env, SETTING.media));
  const now = Date.now;
  const handle = createMessageHandler<PhotoJob>({
    ...{ client, queue, log, parse: jobFrom, work: createThumbnailWorker({ store, blobs, now }) },
    givenUp: async (job) => {
      const photo = await store.find(job);
      if (photo?.status === 'processing') await store.settled(photo, now() + NEXT_DAY_MS);
    },
  });
  return {
    client,
    queue,
    handle,
    close: () => {
      client.destroy();
      table.close();
    },
  };
}

const ID = /^[0-9a-f-]{36}$/;

/** @throws Error if the body is not that of a job */
export function jobFrom(body: string): PhotoJob {
  const { id, productId } = JSON.parse(body) ?? {};
  if (![id, productId].every((each) => typeof each === 'string' && ID.test(each)))
    throw new Error('it must have the ids of a photo and of its product');
  return { id, productId };
}
