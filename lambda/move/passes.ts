import { bothSums, type CarryOptions, carryTable, same } from './carry';
import { describeDifferences } from './compare';
import { carryPhotos, type PhotoCount, type PhotoMode } from './photos';
import type { Report, Step, TableResult } from './progress';
import { type NamedPair, pairsOf, type Side } from './sides';

/** What the passes of one command share. */
export interface Work {
  readonly from: Side;
  readonly to: Side;
  readonly pairs: readonly NamedPair[];
  readonly chunkRows: number;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Files whose bytes were compared. */
  readonly compared: Set<string>;
}

/** After the last pass the sides were not the same: the data has stayed where it was. */
export class VerificationFailedError extends Error {
  override name = 'VerificationFailedError';
}

/** @throws SchemasDifferError, UnsupportedTableError */
export async function startWork(given: Omit<Work, 'pairs' | 'compared'>): Promise<Work> {
  await given.report({ step: 'start', pass: 0, done: 0, total: 0 });
  const pairs = await pairsOf(given.from.schemas, given.to.schemas);
  return { ...given, pairs, compared: new Set() };
}

/** Makes every table like the one that is right, and returns how many rows were not. */
export async function rowsPass(work: Work, step: Step, pass: number): Promise<number> {
  let changed = 0;
  await eachTable(work, step, pass, async ({ pair }, options) => {
    changed += await carryTable(pair, work.signal, options);
  });
  return changed;
}

/** Visits every table, with progress told and the signal heeded after each chunk. */
export async function eachTable(
  { pairs, chunkRows, report, signal }: Work,
  step: Step,
  pass: number,
  visit: (pair: NamedPair, options: CarryOptions) => Promise<void>,
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

export function photosPass(work: Work, mode: PhotoMode, pass: number): Promise<PhotoCount> {
  const { signal, compared } = work;
  const onFiles = (done: number) => work.report({ step: 'photos', pass, done, total: done });
  return carryPhotos({ from: work.from.blobs, to: work.to.blobs }, { mode, signal, compared, onFiles });
}

/**
 * Whole tables, without the chunks of the copy: a fault in how those are cut would show here.
 * @throws VerificationFailedError that says what is not the same
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
