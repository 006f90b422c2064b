import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { HOST_METRICS } from '../../lambda/hosts/host-metrics';

/** A line in CloudWatch's embedded metric format. */
const METRIC = new RegExp(`^\\{.*"_aws":.*"${HOST_METRICS.eventLoop}":([\\d.]+)`, 'gm');

/**
 * Reads the event-loop utilization of a process from its log, as CloudWatch does. The result returns the average of the
 * values since the last call; undefined if there are none.
 */
export function followEventLoop(log: string): () => number | undefined {
  let offset = sizeOf(log);
  return () => {
    // Shorter than it was: it was rotated meanwhile.
    if (sizeOf(log) < offset) offset = 0;
    const lines = wholeLinesFrom(log, offset);
    offset += lines.length;
    const values = [...lines.toString().matchAll(METRIC)].map(([, value]) => Number(value));
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
}

const sizeOf = (log: string): number => statSync(log, { throwIfNoEntry: false })?.size ?? 0;

/** Without a last line that is still being written. */
function wholeLinesFrom(log: string, offset: number): Buffer {
  const bytes = Buffer.alloc(sizeOf(log) - offset);
  if (bytes.length === 0) return bytes;
  const file = openSync(log, 'r');
  try {
    const read = readSync(file, bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytes.subarray(0, read).lastIndexOf('\n') + 1);
  } finally {
    closeSync(file);
  }
}
