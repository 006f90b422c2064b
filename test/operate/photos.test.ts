import { placePhotos } from '../../lambda/inventory/photos/placement';
import { LEAVING } from '../../lambda/inventory/photos/table-repository';
import { photoCommand, StillMovingError } from '../../operate/photos';
import { tableConfig } from '../lambda/shared/tables/tables';
import { openQueuedShop } from '../lambda/thumbnails/photo-queue';

let queued: Awaited<ReturnType<typeof openQueuedShop>>;
const access = () => ({
  tableConfig: tableConfig(queued.dynamo.url),
  queueConfig: queued.sqs.config,
  tableName: 'photos',
  queueUrl: queued.queue.url,
  deadLettersUrl: queued.queue.deadLetterUrl,
});
const say = async (command: Parameters<typeof photoCommand>[0]) =>
  (await photoCommand(command, access())).join('\n');

beforeAll(async () => {
  queued = await openQueuedShop();
});

it('shows photos that failed for good with the reason, and tries them again', async () => {
  expect(await say('show')).toContain('No photo failed for good.');
  expect(await say('redrive')).toBe('No photo waits to be tried again.');
  await queued.worker()({ id: '1', receipt: 'none', body: 'rubbish', receptions: 1 });
  // A message that was looked at is hidden for half a minute, so this queue is looked at once.
  expect(await say('redrive')).toBe('1 photo is in the queue again.');
  expect((await queued.queue.receive()).map(({ Body }) => Body)).toEqual(['rubbish']);
  await queued.worker()({ id: '2', receipt: 'none', body: '{}', receptions: 1 });
  expect(await say('show')).toMatch(/1 failed for good:\n {2}\{\}\n {4}The message is no job: .*\n.*redrive/);
});

it('moves photos to DynamoDB and back, and says how far that is', async () => {
  await placePhotos(queued.table, 'sql');
  expect(await say('show')).toContain('belong in the database; no host has looked');
  await say('move');
  const service = queued.start();
  await service.move();
  expect(await say('show')).toContain('belong in DynamoDB: 0 were moved, none is left elsewhere');
  expect(await say('back')).toContain('back to the database');
});

it('does not turn a move round while a photo is on its way', async () => {
  const key = { productId: 'p', id: 'frozen' };
  await queued.table.put({ ...key, status: 'ready', [LEAVING]: 1 });
  await expect(say('move')).rejects.toThrow(StillMovingError);
  await queued.table.delete(key);
  await say('move');
});
