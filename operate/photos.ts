import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { moveProgress, newPhotosGoTo, placePhotos } from '../lambda/inventory/photos/placement';
import { LEAVING, photoTable } from '../lambda/inventory/photos/table-repository';
import { openDeadLetters } from '../lambda/shared/jobs/dead-letters';
import { openDynamoDbTable } from '../lambda/shared/tables/dynamodb-table';
import type { Table } from '../lambda/shared/tables/table';

export const PHOTO_COMMANDS = ['show', 'redrive', 'move', 'back'] as const;
export type PhotoCommand = (typeof PHOTO_COMMANDS)[number];

/** The ways to a shop's photos. */
export interface PhotoAccess {
  readonly tableConfig: DynamoDBClientConfig;
  readonly queueConfig: SQSClientConfig;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLettersUrl: string;
}

/** The photos that were moved to the database are not all there yet. */
export class StillMovingError extends Error {
  override name = 'StillMovingError';
}

/** Carries a command out, and returns what to tell. @throws StillMovingError */
export async function photoCommand(command: PhotoCommand, access: PhotoAccess): Promise<string[]> {
  const { tableConfig, queueConfig, tableName, queueUrl, deadLettersUrl } = access;
  const client = new SQSClient(queueConfig);
  const table = openDynamoDbTable({ definition: photoTable, name: tableName, config: tableConfig });
  const letters = openDeadLetters(client, { url: queueUrl, deadLetterUrl: deadLettersUrl });
  try {
    switch (command) {
      case 'show':
        return [...(await placement(table)), ...deadLetterLines(await letters.list())];
      case 'redrive':
        return [redriven(await letters.redrive())];
      case 'move':
        await assertNoneLeaves(table);
        await placePhotos(table, 'table');
        return ['Photos move to DynamoDB, some hundred a minute. See how far: npm run photos -- show'];
      case 'back':
        await placePhotos(table, 'sql');
        return [
          'Photos move back to the database, some hundred a minute. See how far: npm run photos -- show',
        ];
    }
  } finally {
    client.destroy();
    table.close();
  }
}

const redriven = (number: number): string =>
  number === 0
    ? 'No photo waits to be tried again.'
    : `${number} ${number === 1 ? 'photo is' : 'photos are'} in the queue again.`;

async function placement(table: Table): Promise<string[]> {
  const place = (await newPhotosGoTo(table)) === 'table' ? 'DynamoDB' : 'the database';
  const progress = await moveProgress(table);
  if (!progress) return [`Photos belong in ${place}; no host has looked since that was chosen.`];
  const { moved, left, at } = progress;
  const rest = left === 0 ? 'none is left elsewhere' : `at least ${left} are left elsewhere`;
  return [`Photos belong in ${place}: ${moved} were moved, ${rest} (${new Date(at).toISOString()}).`];
}

function deadLetterLines(letters: Awaited<ReturnType<ReturnType<typeof openDeadLetters>['list']>>): string[] {
  if (letters.length === 0) return ['No photo failed for good.'];
  return [
    `${letters.length} failed for good:`,
    ...letters.map(({ body, reason }) => `  ${body}\n    ${reason}`),
    'Try them again: npm run photos -- redrive. They stay for two weeks.',
  ];
}

/** An item on its way to the database is frozen until it is there. */
async function assertNoneLeaves(table: Table): Promise<void> {
  for await (const item of table.scan()) {
    if (item[LEAVING] !== undefined)
      throw new StillMovingError(
        'A photo is on its way to the database: wait until `npm run photos -- show` says that none is left',
      );
  }
}
