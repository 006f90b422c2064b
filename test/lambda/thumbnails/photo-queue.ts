import type { PhotoJob } from '../../../lambda/inventory/photos/photo-job';
import type { PhotoPipelineOptions } from '../../../lambda/inventory/photos/pipeline';
import { placePhotos } from '../../../lambda/inventory/photos/placement';
import { createTablePhotos, photoTable } from '../../../lambda/inventory/photos/table-repository';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { createMessageHandler } from '../../../lambda/shared/jobs/message-handler';
import { openSqsJobs } from '../../../lambda/shared/jobs/sqs';
import { openDynamoDbTable } from '../../../lambda/shared/tables/dynamodb-table';
import type { Table } from '../../../lambda/shared/tables/table';
import { jobFrom } from '../../../lambda/thumbnails/photo-messages';
import { createThumbnailWorker, type ThumbnailWorkerOptions } from '../../../lambda/thumbnails/worker';
import { createTables } from '../../../local/servers/dynamodb-server';
import { cleanup } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { startSqs } from '../../support/sqs';
import { log, openShop } from '../inventory/photos/shop';
import { dynamoDb, tableConfig } from '../shared/tables/tables';

/** A shop whose photos are in a DynamoDB and whose jobs are in an SQS, and workers as they run outside of the database. */
export async function openQueuedShop() {
  const [sqs, dynamo] = await Promise.all([startSqs(), dynamoDb()]);
  await createTables({ photos: photoTable }, tableConfig(dynamo.url));
  const table = openDynamoDbTable({
    definition: photoTable,
    name: 'photos',
    config: tableConfig(dynamo.url),
  });
  cleanup(async () => table.close());
  await placePhotos(table, 'table');
  const queue = await sqs.queue();
  const [sqlite] = engines();
  if (!sqlite) throw new Error('SQLite is always there');
  const shop = await openShop(sqlite);

  const sender = (mostWaiting = 1000) => {
    const jobs = openSqsJobs<PhotoJob>({
      queueUrl: queue.url,
      mostWaiting,
      config: sqs.config,
      countEveryMs: 20,
    });
    cleanup(async () => jobs.close());
    return jobs;
  };
  return {
    ...{ shop, sqs, queue, table, dynamo },
    items: createTablePhotos(table),
    sender,
    /** A process of the service. */
    start: (options: Partial<PhotoPipelineOptions> = {}) =>
      shop.start({ queue: { table, jobs: sender() }, ...options }),
    /** A worker with dependencies of its own. */
    worker: (
      deps: { table?: Table; blobs?: Blobs } & Pick<ThumbnailWorkerOptions, 'render'> = {},
      now = Date.now,
    ) => {
      const store = createTablePhotos(deps.table ?? table);
      const work = createThumbnailWorker({
        store,
        blobs: deps.blobs ?? shop.blobs,
        now,
        ...(deps.render && { render: deps.render }),
      });
      return createMessageHandler<PhotoJob>({
        client: sqs.client,
        queue,
        parse: jobFrom,
        work,
        log,
        retryMs: 1,
      });
    },
  };
}
