import type { Blobs } from '../shared/blobs/blobs';
import { sameTotals } from './archive';
import { prefixOf } from './export';
import type { FileTotals } from './journal';
import { KIND_NAMES } from './kinds';
import { batchesIn, receive, send } from './messages';
import { loadedFiles, type Warehouse } from './warehouse';

export interface LoadOptions {
  readonly blobs: Blobs;
  readonly warehouse: Warehouse;
  /** True when no further piece of work should be begun. Default: never. */
  readonly late?: () => boolean;
}

/** The loaded rows are not those that were written. The batch is loaded again the next time. */
export class LoadMismatchError extends Error {
  override name = 'LoadMismatchError';
}

/**
 * Loads every batch that has no receipt, counts it and sums it up in the warehouse, and writes the receipt, by which its
 * rows may be dropped. Returns the number of batches. It may end anywhere: what is loaded rightly is not loaded again.
 */
export async function loadBatches({ blobs, warehouse, late = () => false }: LoadOptions): Promise<number> {
  const done = new Set(await batchesIn(blobs, 'receipts'));
  const open = (await batchesIn(blobs, 'manifests')).filter((batch) => !done.has(batch));
  if (open.length === 0) return 0;
  await warehouse.prepare();
  let loaded = 0;
  for (const batch of open) {
    if (late()) break;
    const manifest = await receive(blobs, 'manifests', batch);
    if (!manifest) continue;
    const files: FileTotals[] = [];
    for (const kind of KIND_NAMES) {
      const wanted = manifest.files.filter((file) => file.kind === kind);
      const prefix = prefixOf(batch, kind);
      let found = await loadedFiles(warehouse, kind, prefix);
      if (!same(wanted, found)) {
        await warehouse.load(kind, prefix);
        found = await loadedFiles(warehouse, kind, prefix);
      }
      if (!same(wanted, found))
        throw new LoadMismatchError(
          `The warehouse has ${rows(found)} rows of ${kind} in ${found.length} files of ${batch}, and ${rows(wanted)} in ${wanted.length} were written`,
        );
      files.push(...found);
    }
    await send(blobs, 'receipts', { batch, files });
    loaded++;
  }
  return loaded;
}

const rows = (files: readonly FileTotals[]) => files.reduce((sum, file) => sum + file.rows, 0);

function same(wanted: readonly FileTotals[], found: readonly FileTotals[]): boolean {
  const there = new Map(found.map((file) => [file.name, file]));
  return (
    wanted.length === found.length &&
    wanted.every((file) => {
      const other = there.get(file.name);
      return other !== undefined && sameTotals(file, other);
    })
  );
}
