import type { PhotoJob } from '../inventory/photos/photo-job';
import type { PhotoQueue } from '../inventory/photos/photo-queue';
import { photoTable } from '../inventory/photos/table-repository';
import { positiveFrom, required, SETTING } from '../shared/runtime/settings';

/** The queue and the table of the environment; undefined if photos are in the database. */
export async function openPhotoQueue(
  env: NodeJS.ProcessEnv,
): Promise<(PhotoQueue & { close(): void }) | undefined> {
  const name = env[SETTING.photoTable];
  if (!name) return undefined;
  // Processes without photos do not load these clients.
  const [{ openDynamoDbTable }, { openSqsJobs }] = await Promise.all([
    import('../shared/tables/dynamodb-table'),
    import('../shared/jobs/sqs'),
  ]);
  const table = openDynamoDbTable({ definition: photoTable, name });
  const jobs = openSqsJobs<PhotoJob>({
    queueUrl: required(env, SETTING.photoQueue),
    mostWaiting: positiveFrom(env, SETTING.mostWaitingPhotos) ?? Number.POSITIVE_INFINITY,
  });
  return {
    table,
    jobs,
    close: () => {
      table.close();
      jobs.close();
    },
  };
}
