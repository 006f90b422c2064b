import { ReadOnlyMomentError } from '../shared/retry-later';

/** How long a write waits before it is refused: longer than a usual freeze, shorter than people and proxies wait. */
const WAIT_MS = 10_000;

/** Writes that were under way did not end in time for the others to be stopped. */
export class StillWritingError extends Error {
  override name = 'StillWritingError';
}

/** What came of the writes that arrived while the gate was closed. */
interface Waited {
  /** How many waited and then went on. */
  readonly held: number;
  /** How many waited for too long and got a ReadOnlyMomentError. */
  readonly refused: number;
}

/** Lets writes pass, or holds them for a moment. One gate for all that a process writes to. */
export interface Gate {
  /** Runs a write, now or when the gate opens again. A write inside a write would wait for itself. @throws ReadOnlyMomentError */
  pass<Result>(write: () => Promise<Result>): Promise<Result>;
  /** Holds new writes and resolves when none is under way. @throws StillWritingError, the gate open again */
  close(drainMs: number): Promise<void>;
  /** Lets those that wait go on, in the order they came. */
  open(): Waited;
}

export function createGate(waitMs = WAIT_MS): Gate {
  const waiting = new Set<() => void>();
  let closed = false;
  let underWay = 0;
  let held = 0;
  let refused = 0;
  let drained: (() => void) | undefined;

  const opened = () =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(goOn);
        refused++;
        reject(new ReadOnlyMomentError());
      }, waitMs);
      const goOn = () => {
        clearTimeout(timer);
        held++;
        resolve();
      };
      waiting.add(goOn);
    });

  const open = () => {
    closed = false;
    const before = held;
    for (const goOn of waiting) goOn();
    waiting.clear();
    const waited = { held: held - before, refused };
    refused = 0;
    return waited;
  };

  return {
    pass: async (write) => {
      while (closed) await opened();
      underWay++;
      try {
        return await write();
      } finally {
        underWay--;
        if (underWay === 0) drained?.();
      }
    },
    close: async (drainMs) => {
      closed = true;
      if (underWay === 0) return;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          drained = undefined;
          open();
          reject(new StillWritingError(`${underWay} writes were still under way after ${drainMs} ms`));
        }, drainMs);
        drained = () => {
          drained = undefined;
          clearTimeout(timer);
          resolve();
        };
      });
    },
    open,
  };
}
