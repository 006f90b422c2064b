import type { Logger } from './log';

const INTERVAL_MS = 60_000;

/** Warns at most once a minute, of failures that may come with every request. */
export function sparseWarnings(log: Logger, message: string): (error: unknown) => void {
  let due = Number.NEGATIVE_INFINITY;
  let more = 0;
  return (error) => {
    more += 1;
    if (performance.now() < due) return;
    due = performance.now() + INTERVAL_MS;
    log.warn({ err: error, times: more }, message);
    more = 0;
  };
}
