import { setTimeout as sleep } from 'node:timers/promises';
import { createMover } from '../../../lambda/data-migration/mover';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import { acquirePlacementLease } from '../../../lambda/data-migration/placement/placement-lease';
import { routedSql } from '../../../lambda/data-migration/placement/routed-stores';
import { openDiskBlobs } from '../../../lambda/shared/blobs/disk';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Statements } from '../../../lambda/shared/sql/sql';

/** The line for a move; other lines are those of calls. */
const MOVED = 'moved';

// A process of the shop that writes, reads and moves without end, for `crash-recovery.test.ts` to kill. It prints a line
// of JSON for each call before it makes it, and another one with its answer: `{"call":1,"client":"writer 0","kind":
// "increment","keys":["note run1-0-0","counter 0"]}` and `{"call":1,"value":7}`. The order of lines is that of events.
async function main(run: string, folder: string, boxUrl: string, managedUrl: string): Promise<void> {
  const [box, managed] = await Promise.all([openSql(boxUrl), openSql(managedUrl)]);
  const blobs = await openDiskBlobs(`${folder}/blobs`);
  const placed = await acquirePlacementLease(fileMarker(`${folder}/marker`));
  const sides = { box: { schemas: { box }, blobs }, managed: { schemas: { box: managed }, blobs } };
  const mover = createMover({ sides, placed, chunkRows: 500 });
  const sql = routedSql(placed, { box, managed });

  let calls = 0;
  const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const called = async (asked: object, work: () => Promise<number | undefined>) => {
    const call = calls++;
    say({ call, ...asked });
    say({ call, value: await work() });
  };
  const counted = async ({ query }: Pick<Statements, 'query'>, id: string) => {
    const [row] = await query<{ value: number }>('SELECT value FROM counters WHERE id = ?', [id]);
    return row?.value;
  };
  const write = async (writer: number) => {
    const counter = String(writer % 2);
    for (let n = 0; ; n++) {
      const id = `${run}-${writer}-${n}`;
      const asked = {
        client: `writer ${writer}`,
        kind: 'increment',
        keys: [`counter ${counter}`, `note ${id}`],
      };
      await called(asked, () =>
        sql.transaction(async (tx) => {
          await tx.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [id, id]);
          await tx.execute('UPDATE counters SET value = value + 1 WHERE id = ?', [counter]);
          return counted(tx, counter);
        }),
      );
      await sleep(3);
    }
  };
  const read = async (counter: string) => {
    for (;;) {
      const asked = { client: `reader ${counter}`, kind: 'read', keys: [`counter ${counter}`] };
      await called(asked, () => counted(sql, counter));
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
  await Promise.all([move(), ...[0, 1, 2, 3].map(write), ...['0', '1'].map(read)]);
}

const [run = '', folder = '', box = '', managed = ''] = process.argv.slice(2);
void main(run, folder, box, managed);
