import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { placePhotos } from '../../lambda/inventory/photos/placement';
import { SETTING } from '../../lambda/shared/runtime/settings';
import type { PhotoWorkers } from '../../lib/phases';
import type { Row } from '../banner';
import { short } from '../data-dir';
import type { Host } from './host';
import { keep } from './keep';
import { openPhotoTable } from './photo-access';
import { nodeProgram } from './processes';
import { PHOTO_TABLE } from './tables';

export interface LocalPhotos {
  /** For the processes of inventory. */
  readonly environment: Readonly<Record<string, string>>;
  readonly runsOn: readonly Row[];
}

/** A table, a queue and a worker for photos, as phase 6 has them. A new shop begins with its photos in the table. */
export async function startPhotos(
  { servers, home, say }: Host,
  workers: PhotoWorkers,
  common: Readonly<Record<string, string>>,
  isNew: boolean,
): Promise<LocalPhotos> {
  const folder = join(home, 'dynamodb');
  mkdirSync(folder, { recursive: true });
  const tableLog = join(home, 'dynamodb.log');
  const queueLog = join(home, 'sqs.log');
  const [table, queue] = await Promise.all([
    servers.start({
      ...{ name: 'The DynamoDB', log: tableLog, ready: /^(http:\S+)$/m },
      ...nodeProgram('local/servers/dynamodb.ts', folder),
    }),
    servers.start({
      ...{ name: 'The SQS', log: queueLog, ready: /^(http:\S+) (http:\S+) (http:\S+)$/m },
      ...nodeProgram('local/servers/sqs.ts', join(home, 'sqs')),
    }),
  ]);
  const tableUrl = table.said[1] ?? '';
  const [, queueServer = '', queueUrl = '', deadLetters = ''] = queue.said;
  servers.tell({ photos: { table: tableUrl, queueServer, queue: queueUrl, deadLetters } });
  if (isNew) await placeInTable(tableUrl);
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: tableUrl,
    AWS_ENDPOINT_URL_SQS: queueServer,
    [SETTING.photoTable]: PHOTO_TABLE,
    [SETTING.photoQueue]: queueUrl,
    [SETTING.mostWaitingPhotos]: String(workers.mostWaiting),
  };
  const workerLog = join(home, 'photo-worker.log');
  const name = 'The worker of photos';
  const worker = await keep(servers, say, name, (ended) =>
    servers.start({
      ...{ name, log: workerLog, ended, ready: /"service":"photo worker","msg":"serving"/ },
      ...nodeProgram('lambda/hosts/photo-worker.ts', join(home, 'photo-worker')),
      env: {
        NODE_ENV: 'production',
        ...common,
        ...environment,
        [SETTING.photoDeadLetters]: deadLetters,
      },
    }),
  );
  return {
    environment,
    runsOn: [
      ['DynamoDB', `replaced by dynalite at ${tableUrl}, log ${short(tableLog)}`],
      ['SQS', `replaced by fauxqs at ${queueServer}, log ${short(queueLog)}`],
      ['Photos', `rendered by process ${worker.pid}, log ${short(workerLog)}`, 'npm run photos -- --local'],
    ],
  };
}

async function placeInTable(url: string): Promise<void> {
  const table = openPhotoTable(url);
  try {
    await placePhotos(table, 'table');
  } finally {
    table.close();
  }
}
