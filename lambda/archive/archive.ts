import { timeOfId } from '../inventory/month-ids';
import { setKeptFrom, switchToMonths } from '../inventory/month-tables';
import type { Blobs } from '../shared/blobs/blobs';
import type { Sql, Statements } from '../shared/sql/sql';
import { drain } from './drain';
import { exportFiles } from './export';
import { advanceBatch, type Batch, beginBatch, type FileTotals, filesOf, openBatch } from './journal';
import { KIND_NAMES, type Kind, planOf } from './kinds';
import { receive, send } from './messages';
import { monthStart } from './months';
import { closeMonths, detach, dropLeaving, nextToLeave, openMonths } from './partitions';

export interface ArchiveOptions {
  /** The inventory schema, with the right to change its tables. */
  readonly sql: Sql;
  /** The bucket between here and the warehouse. */
  readonly blobs: Blobs;
  readonly now: () => number;
  /** Full months that stay here, besides the present one. */
  readonly keptMonths: number;
  /** Default 100,000. */
  readonly rowsPerFile?: number;
  /** True when no further piece of work should be begun. Default: never. */
  readonly late?: () => boolean;
}

/** `idle`: nothing is old enough. `loading`: it waits for the warehouse. The others: it was late, or they are left. */
export type ArchiveState = 'idle' | 'draining' | 'exporting' | 'loading';

/** The warehouse holds something else than what left: nothing is dropped here. */
export class NotArchivedError extends Error {
  override name = 'NotArchivedError';
}

/**
 * Moves on the archive: divides the tables into months, takes out the oldest one that is not kept, exports it, and drops
 * it once the warehouse has every row. It may end anywhere, and the next call goes on from there (decision 0192).
 */
export async function advanceArchive(options: ArchiveOptions): Promise<ArchiveState> {
  const { sql, now, keptMonths, late = () => false } = options;
  const firstKept = monthStart(now(), -keptMonths);
  await openMonths(sql, now(), firstKept);
  await switchToMonths(sql, now());
  for (;;) {
    const batch = await openBatch(sql);
    if (batch) {
      const waiting = await advance(options, batch);
      if (waiting) return waiting;
    } else {
      if (!(await drain(sql, late))) return 'draining';
      await closeMonths(sql, firstKept);
      const below = await nextToLeave(sql, firstKept);
      if (below === undefined) return 'idle';
      await beginBatch(sql, below, now());
    }
    if (late()) return 'exporting';
  }
}

/** The state that it waits in; undefined after a step. */
async function advance(options: ArchiveOptions, batch: Batch): Promise<ArchiveState | undefined> {
  const { sql, blobs, rowsPerFile = 100_000, late = () => false } = options;
  switch (batch.state) {
    case 'leaving': {
      await detach(sql, batch.below);
      const files = await exportFiles({ sql, blobs, rowsPerFile, late }, batch);
      if (!files) return 'exporting';
      await send(blobs, 'manifests', { batch: batch.id, files });
      await advanceBatch(sql, batch, 'leaving', 'exported');
      return undefined;
    }
    case 'exported': {
      const receipt = await receive(blobs, 'receipts', batch.id);
      if (!receipt) return 'loading';
      await assertArchived(sql, batch, receipt.files);
      await carry(sql, batch);
      return undefined;
    }
    default: {
      await setKeptFrom(sql, timeOfId(batch.below));
      await dropLeaving(sql);
      await advanceBatch(sql, batch, 'carried', 'done');
      return undefined;
    }
  }
}

/** @throws NotArchivedError unless the warehouse has each file as it was written, and these are all rows that leave */
async function assertArchived(sql: Statements, batch: Batch, found: readonly FileTotals[]): Promise<void> {
  const written = await filesOf(sql, batch);
  const there = new Map(found.map((file) => [file.name, file]));
  for (const file of written) {
    const other = there.get(file.name);
    if (!other || !sameTotals(file, other))
      throw new NotArchivedError(`The warehouse has ${said(other)} of ${file.name}, which has ${said(file)}`);
  }
  for (const kind of KIND_NAMES) {
    const files = written.filter((file) => file.kind === kind);
    const sum = (of: 'rows' | 'total') => files.reduce((all, file) => all + file[of], 0);
    const here = await leavingTotals(sql, kind);
    if (here.rows !== sum('rows') || here.total !== sum('total'))
      throw new NotArchivedError(
        `${here.rows} rows of ${kind} leave, with a total of ${here.total}, and the files of ${batch.id} have ${sum('rows')} with ${sum('total')}`,
      );
  }
}

export const sameTotals = (one: FileTotals, other: FileTotals): boolean =>
  one.rows === other.rows &&
  one.total === other.total &&
  one.checksum === other.checksum &&
  one.firstKey === other.firstKey &&
  one.lastKey === other.lastKey;

const said = (file: FileTotals | undefined) =>
  file ? `${file.rows} rows (total ${file.total}, checksum ${file.checksum})` : 'nothing';

async function leavingTotals({ query }: Statements, kind: Kind) {
  const { table, total } = planOf(kind);
  const [found] = await query<{ n: number; total: number }>(
    `SELECT COUNT(*) AS n, COALESCE(SUM(${total}), 0) AS total FROM leaving_${table}`,
  );
  return { rows: Number(found?.n ?? 0), total: Number(found?.total ?? 0) };
}

/** The stock stays explainable without the lines that go: their sum for each product stays. */
const carry = (sql: Sql, batch: Batch): Promise<void> =>
  sql.transaction(async (tx) => {
    if (!(await advanceBatch(tx, batch, 'exported', 'carried'))) return;
    await tx.execute(
      `INSERT INTO archived_stock (batch_id, product_id, quantity)
       SELECT ?, product_id, SUM(quantity) FROM leaving_ledger GROUP BY product_id`,
      [batch.id],
    );
  });
