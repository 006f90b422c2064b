import { uuidv7 } from 'uuidv7';
import { createBook } from '../../../lab/check/book';
import { judgePhotos, lookAtPhotos } from '../../../lab/check/photo-history';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { photoTable } from '../../../lambda/inventory/photos/table-repository';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { createMemoryTable } from '../../../lambda/shared/tables/memory-table';
import { type Engine, engines } from '../../support/engines';

test('a completed photo is ready or on its way, and one that still waits for its file or is gone is wrong', async () => {
  const [engine] = engines() as [Engine];
  const inventory = await engine.open('inventory');
  await migrate(inventory, inventoryMigrations);
  const photos = createMemoryTable(photoTable);
  const key = { id: uuidv7(), productId: uuidv7() };
  const judged = async (status: string | undefined) => {
    const book = createBook();
    book.photoCalls.begin('staff', key.id, { kind: 'begin' })({ kind: 'done' });
    book.photoCalls.begin('staff', key.id, { kind: 'complete' })({ kind: 'seen', status: 'processing' });
    if (status) await photos.put({ ...key, status });
    else await photos.delete(key);
    await lookAtPhotos({ users: inventory, inventory, photos }, book);
    return judgePhotos(book).wrong.length;
  };
  const statuses = ['processing', 'ready', 'waiting', 'refused', undefined];
  const wrong: number[] = [];
  for (const status of statuses) wrong.push(await judged(status));
  // No load sends a file that a worker would refuse.
  expect(wrong).toEqual([0, 0, 1, 1, 1]);
  await inventory.close();
});
