import { setTimeout as sleep } from 'node:timers/promises';
import { createMover } from '../../../lambda/data-migration/mover';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import { acquirePlacementLease } from '../../../lambda/data-migration/placement/placement-lease';
import { routedSql } from '../../../lambda/data-migration/placement/routed-stores';
import { openDiskBlobs } from '../../../lambda/shared/blobs/disk';
import { openSql } from '../../../lambda/shared/sql/open';

/** The line for a move; other lines are ids of writes. */
const MOVED = 'moved';

// A process of the shop that writes and moves without end, for `crash-recovery.test.ts` to kill. It prints the id of
// each acknowledged write, and a line for each move.
async function main(run: string, folder: string, boxUrl: string, managedUrl: string): Promise<void> {
  const [box, managed] = await Promise.all([openSql(boxUrl), openSql(managedUrl)]);
  const blobs = await openDiskBlobs(`${folder}/blobs`);
  const placed = await acquirePlacementLease(fileMarker(`${folder}/marker`));
  const sides = { box: { schemas: { box }, blobs }, managed: { schemas: { box: managed }, blobs } };
  const mover = createMover({ sides, placed, chunkRows: 500 });
  const sql = routedSql(placed, { box, managed });

  const write = async (writer: number) => {
    for (let n = 0; ; n++) {
      const id = `${run}-${writer}-${n}`;
      await sql.transaction(async (tx) => {
        await tx.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [id, id]);
        await tx.execute('UPDATE counters SET value = value + 1 WHERE id = ?', [String(writer % 2)]);
      });
      process.stdout.write(`${id}\n`);
      await sleep(3);
    }
  };
  const move = async () => {
    for (;;) {
      const to = placed.current() === 'box' ? 'managed' : 'box';
      await mover.move(to, run, { report: async () => undefined });
      process.stdout.write(`${MOVED}\n`);
    }
  };
  await Promise.all([move(), ...[0, 1, 2, 3].map(write)]);
}

const [run = '', folder = '', box = '', managed = ''] = process.argv.slice(2);
void main(run, folder, box, managed);
