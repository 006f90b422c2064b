import type { Result } from '../load/recording';
import { median } from './statistics';

/** The outcomes of the requests that were due in one second. */
export interface Bucket {
  readonly second: number;
  readonly right: number;
  readonly failed: number;
  /** Of right answers, from the scheduled time, in ms; 0 when there was none. */
  readonly median: number;
  readonly slowest: number;
}

/** Second by second, without a gap: a timeline must show seconds without an answer. */
export function timelineOf(results: readonly Result[]): Bucket[] {
  const last = results.reduce((most, { scheduled }) => Math.max(most, scheduled), 0);
  return Array.from({ length: Math.floor(last / 1000) + 1 }, (_, second) => {
    const due = results.filter(({ scheduled }) => Math.floor(scheduled / 1000) === second);
    const waited = due
      .filter(({ error }) => error === undefined)
      .map(({ scheduled, ended }) => ended - scheduled);
    return {
      second,
      right: waited.length,
      failed: due.length - waited.length,
      median: waited.length === 0 ? 0 : median(waited),
      slowest: Math.max(0, ...waited),
    };
  });
}

/** The longest time without a right answer, in ms; for requests that are sent all the time. */
export function longestSilence(results: readonly Result[]): number {
  const answered = results
    .filter(({ error }) => error === undefined)
    .map(({ ended }) => ended)
    .sort((one, other) => one - other);
  return answered.reduce((most, at, index) => Math.max(most, at - (answered[index - 1] ?? at)), 0);
}
