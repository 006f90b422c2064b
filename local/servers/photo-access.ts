import { photoTable } from '../../lambda/inventory/photos/table-repository';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import type { Table } from '../../lambda/shared/tables/table';
import { dataDirPaths, short } from '../data-dir';
import { localConfig } from './local-aws';
import { isOurs, readPidfile } from './pidfile';
import { PHOTO_TABLE } from './tables';

/** Opens the table of photos of the DynamoDB at this URL. */
export const openPhotoTable = (url: string): Table =>
  openDynamoDbTable({ definition: photoTable, name: PHOTO_TABLE, config: localConfig(url) });

/** The ways to the photos of the shop that runs on a data folder. @throws Error if no shop with workers runs there */
export function localPhotos(folder: string) {
  const running = readPidfile(dataDirPaths(folder).record);
  const table = running?.processes.find(({ mark }) => mark.endsWith('/dynamodb'));
  if (!running?.photos || !table || !isOurs(table)) {
    throw new Error(
      `No shop of phase 6 is running on ${short(folder)}. Start one: npm start -- --phase 6 --servers`,
    );
  }
  const { table: tableUrl, queueServer, queue, deadLetters } = running.photos;
  return {
    tableConfig: localConfig(tableUrl),
    queueConfig: localConfig(queueServer),
    tableName: PHOTO_TABLE,
    queueUrl: queue,
    deadLettersUrl: deadLetters,
  };
}
