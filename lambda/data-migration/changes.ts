import type { TableResult } from './control/progress';
import { VerificationFailedError, type Work } from './passes';
import type { ChangeLog, Note } from './sync/change-log';
import type { NamedPair } from './sync/endpoints';
import type { Key } from './sync/statements';
import { counts, syncKeys } from './sync/sync-table';

/** With fewer notes left, the rest waits for writes to be paused. */
const FEW_NOTES = 100;

/** Makes noted rows equal while the shop writes more, until few are left. Returns the number of those that differed. */
export async function catchUp(work: Work, log: ChangeLog, pass: number): Promise<number> {
  let changed = 0;
  for (;;) {
    const notes = await log.notes(0);
    await work.report({ step: 'catch up', pass, done: changed, total: 0 });
    work.signal.throwIfAborted();
    changed += await syncNoted(work, notes);
    // Changes made from here on are noted again, since a note is read together with the change or not at all.
    await log.forget(notes);
    if (notes.length < FEW_NOTES) return changed;
  }
}

/**
 * With writes paused, makes the last noted rows equal, looks at each again, and counts all rows. All others were equal
 * when they were compared, and have not changed since.
 * @throws VerificationFailedError
 */
export async function lastChanges(
  work: Work,
  log: ChangeLog,
  pass: number,
): Promise<{ rows: number; tables: TableResult[] }> {
  await work.report({ step: 'last rows', pass, done: 0, total: 0 });
  let rows = 0;
  for (let after = 0; ; ) {
    const notes = await log.notes(after);
    const last = notes.at(-1);
    if (!last) break;
    rows += await syncNoted(work, notes);
    const different = await syncNoted(work, notes);
    if (different > 0) throw new VerificationFailedError(`${different} of ${notes.length} last rows differ`);
    after = last.id;
  }
  return { rows, tables: await countedTables(work, pass) };
}

async function syncNoted({ pairs, signal }: Work, notes: readonly Note[]): Promise<number> {
  let changed = 0;
  for (const { pair } of pairs) changed += await syncKeys(pair, keysIn(pair, notes), signal);
  return changed;
}

/** Each once. */
function keysIn({ table }: NamedPair['pair'], notes: readonly Note[]): Key[] {
  const noted = notes.filter((note) => note.table === table.name);
  return [...new Map(noted.map(({ key }) => [JSON.stringify(key), key])).values()];
}

async function countedTables({ pairs, report, signal }: Work, pass: number): Promise<TableResult[]> {
  const tables: TableResult[] = [];
  for (const { name, pair } of pairs) {
    signal.throwIfAborted();
    await report({ step: 'verify', pass, table: name, done: tables.length, total: pairs.length });
    const [ours, theirs] = await counts(pair);
    if (ours !== theirs)
      throw new VerificationFailedError(`${name} has ${ours} rows here and ${theirs} on the other side`);
    tables.push({ name, rows: ours });
  }
  return tables;
}
