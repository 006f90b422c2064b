import { setTimeout as sleep } from 'node:timers/promises';
import { followSql } from '../../../lambda/move/follow';
import { fileMarker } from '../../../lambda/move/marker-file';
import { createMover } from '../../../lambda/move/mover';
import { claimPlacement } from '../../../lambda/move/placed';
import { openDiskBlobs } from '../../../lambda/shared/blobs-disk';
import { openSql } from '../../../lambda/shared/sql';

/** The line that is no write. */
const MOVED = 'moved';

// A process of the shop that writes and moves without end, for `killed.test.ts` to kill. Says each write that was acknowledged, and each move.
async function main(run: string, folder: string, boxUrl: string, managedUrl: string): Promise<void> {
  const [box, managed] = await Promise.all([openSql(boxUrl), openSql(managedUrl)]);
  const blobs = await openDiskBlobs(`${folder}/blobs`);
  const placed = await claimPlacement(fileMarker(`${folder}/marker`));
  const sides = { box: { schemas: { box }, blobs }, managed: { schemas: { box: managed }, blobs } };
  const mover = createMover({ sides, placed, chunkRows: 500 });
  const sql = followSql(placed, { box, managed });

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
