import { write as startWrite, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Size of the buffer of unwritten text, in characters. Text that arrives while it is full is lost. */
const MOST_WAITING = 1024 * 1024;
const AGAIN_AFTER_MS = 100;

/**
 * Writes lines to a file or pipe, and never blocks or ends the process, even on a full disk or a pipe without a reader.
 * Lines that cannot be written wait. Lines without room to wait are lost, and `lost` reports them once there is room.
 */
export function createLogWriter(
  descriptor: number,
  lost: (lines: number, cause: Error | undefined) => void,
): DestinationStream {
  let started = Buffer.alloc(0);
  let lines: string[] = [];
  let waiting = 0;
  let losses = 0;
  let cause: Error | undefined;
  let busy = false;
  let again: NodeJS.Timeout | undefined;

  const writeOn = () => {
    busy = true;
    again = undefined;
    if (started.length === 0) {
      started = Buffer.from(lines.join(''));
      lines = [];
      waiting = 0;
    }
    startWrite(descriptor, started, (error, written) => {
      if (error) {
        cause = error;
        again = setTimeout(writeOn, AGAIN_AFTER_MS).unref();
        return;
      }
      started = started.subarray(written);
      if (losses > 0 && started.length === 0 && waiting < MOST_WAITING / 2) reportLosses();
      busy = started.length > 0 || lines.length > 0;
      if (busy) writeOn();
    });
  };
  const reportLosses = () => {
    const count = losses;
    losses = 0;
    lost(count, cause);
  };

  // A single attempt: a process that ends does not wait for a disk.
  process.once('exit', () => {
    try {
      writeSync(descriptor, (again ? started.toString() : '') + lines.join(''));
    } catch {
      // No log is left to report to.
    }
  });

  return {
    write: (line) => {
      if (waiting + line.length > MOST_WAITING) {
        losses += 1;
        return;
      }
      lines.push(line);
      waiting += line.length;
      if (!busy) writeOn();
    },
  };
}

/** A line on stdout or stderr, one of Node's own warnings too, ends the process otherwise when it cannot be written. */
export function surviveOutputErrors(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}
