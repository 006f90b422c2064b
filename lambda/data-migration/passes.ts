import type { Report, Step, TableResult } from './control/progress';
import { describeDifferences } from './sync/compare';
import { type NamedPair, pairsOf, type Side } from './sync/endpoints';
import { type PhotoCount, type PhotoMode, syncBlobs } from './sync/sync-blobs';
import { bothSums, type SyncOptions, same, syncTable } from './sync/sync-table';

/** Shared by the passes of one command. */
export interface Work {
  readonly from: Side;
  readonly to: Side;
  readonly pairs: readonly NamedPair[];
  readonly chunkRows: number;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Keys of files whose bytes were already compared. */
  readonly compared: Set<string>;
}

/** The sides still differed after the last pass: the data has not moved. */
export class VerificationFailedError extends Error {
  override name = 'VerificationFailedError';
}

/** @throws SchemasDifferError, UnsupportedTableError */
export async function startWork(given: Omit<Work, 'pairs' | 'compared'>): Promise<Work> {
  await given.report({ step: 'start', pass: 0, done: 0, total: 0 });
  const pairs = await pairsOf(given.from.schemas, given.to.schemas);
  return { ...given, pairs, compared: new Set() };
}

/** Synchronizes every table and returns the number of rows that differed. */
export async function rowsPass(work: Work, step: Step, pass: number): Promise<number> {
  let changed = 0;
  await eachTable(work, step, pass, async ({ pair }, options) => {
    changed += await syncTable(pair, work.signal, options);
  });
  return changed;
}

/** Visits every table. Reports progress and checks the signal after each chunk. */
export async function eachTable(
  { pairs, chunkRows, report, signal }: Work,
  step: Step,
  pass: number,
  visit: (pair: NamedPair, options: SyncOptions) => Promise<void>,
): Promise<void> {
  const total = pairs.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  for (const pair of pairs) {
    const onChunk = async (rows: number) => {
      signal.throwIfAborted();
      done += rows;
      await report({ step, pass, table: pair.name, done, total });
    };
    await visit(pair, { chunkRows, onChunk });
  }
}

const NO_FILES: PhotoCount = { files: 0, bytes: 0, different: 0 };

export async function photosPass(work: Work, mode: PhotoMode, pass: number): Promise<PhotoCount> {
  const { signal, compared } = work;
  const [from, to] = [work.from.blobs, work.to.blobs];
  if (!from || !to) return NO_FILES;
  const onFiles = (done: number) => work.report({ step: 'photos', pass, done, total: done });
  return syncBlobs({ from, to }, { mode, signal, compared, onFiles });
}

/**
 * Compares whole tables, independently of the chunks of the copy, so a mistake in cutting those would show.
 * @throws VerificationFailedError with the differences
 */
export async function verify(
  { pairs, chunkRows, report, signal }: Work,
  pass: number,
): Promise<TableResult[]> {
  const tables: TableResult[] = [];
  for (const { name, pair } of pairs) {
    signal.throwIfAborted();
    await report({ step: 'verify', pass, table: name, done: tables.length, total: pairs.length });
    const [ours, theirs] = await bothSums(pair);
    if (!same(ours, theirs))
      throw new VerificationFailedError(await describeDifferences(name, pair, chunkRows));
    tables.push({ name, rows: ours.n, hash: ours.hash });
  }
  return tables;
}
