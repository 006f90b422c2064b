import { ReadOnlyMomentError } from '../../shared/runtime/retry-later';

/** A write that waits this long is refused: longer than a usual freeze, shorter than the patience of proxies. */
const WAIT_MS = 10_000;

/** Writes in flight did not end in time, so the gate could not close. */
export class StillWritingError extends Error {
  override name = 'StillWritingError';
}

/** The writes that arrived while the gate was closed. */
export interface Waited {
  /** Number of writes that waited and then went on. */
  readonly held: number;
  /** Number of writes that waited too long and failed with ReadOnlyMomentError. */
  readonly refused: number;
}

/** Lets writes pass, or holds them for a moment. One gate for all writes of a process. */
export interface WriteGate {
  /** Runs a write now, or when the gate opens. Must not be nested, which can deadlock. @throws ReadOnlyMomentError */
  pass<Result>(write: () => Promise<Result>): Promise<Result>;
  /** Holds new writes and resolves once none is in flight. @throws StillWritingError, with the gate open again */
  close(drainMs: number): Promise<void>;
  /** Releases waiting writes, in order of arrival. */
  open(): Waited;
}

export function createWriteGate(waitMs = WAIT_MS): WriteGate {
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
          reject(new StillWritingError(`${underWay} writes were still in progress after ${drainMs} ms`));
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
