import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';

export interface Sources {
  /** Epoch milliseconds, whole. */
  readonly now: () => number;
  readonly ticks: () => number;
  /** Runs work in so many milliseconds. */
  readonly at: (ms: number, work: () => void) => void;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** The same, for bytes. */
  readonly bytes: () => number;
}

/**
 * Replaces what this process knows of time and chance, until the returned function is called. The services take some of
 * it by parameters and some from the platform, so this is the one place that is sure to have all of it.
 */
export function replaceGlobals({ now, ticks, at, random, bytes }: Sources): () => void {
  const undo: (() => void)[] = [];
  const replace = <Owner extends object>(owner: Owner, members: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(members)) {
      const before = Object.getOwnPropertyDescriptor(owner, name);
      Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: true });
      undo.push(() => {
        if (before) Object.defineProperty(owner, name, before);
        else delete owner[name as keyof Owner];
      });
    }
  };
  const fill = <Bytes extends ArrayBufferView>(view: Bytes): Bytes => {
    filled = true;
    const octets = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let place = 0; place < octets.length; place++) octets[place] = Math.floor(next() * 256);
    return view;
  };
  const randomBytes = (size: number) => fill(Buffer.alloc(size));
  let filled = false;
  let time = () => 0;
  let next = () => 0;

  replace(Date, { now: () => time() });
  replace(globalThis, {
    performance: { now: ticks },
    setTimeout: (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      const timer = timerOf(() => work(...args));
      at(ms, timer.fire);
      return timer;
    },
    setImmediate: (work: (...args: unknown[]) => void, ...args: unknown[]) => {
      const timer = timerOf(() => work(...args));
      at(0, timer.fire);
      return timer;
    },
    clearTimeout: (timer: ReturnType<typeof timerOf> | undefined) => timer?.cancel(),
    clearImmediate: (timer: ReturnType<typeof timerOf> | undefined) => timer?.cancel(),
  });
  replace(Math, { random });
  replace(globalThis.crypto, { getRandomValues: fill });
  replace(crypto, { randomBytes, randomUUID: () => uuidv7() });
  const sleep = (ms = 0, value?: unknown) => new Promise((resolve) => at(ms, () => resolve(value)));
  replace(timers, { setTimeout: sleep, setImmediate: (value?: unknown) => sleep(0, value) });
  syncBuiltinESMExports();

  // The generator of ids keeps the last time and some random numbers: an early time and a refill let it begin anew. The
  // first id may need a refill or not, so the numbers of the world begin after it.
  uuidv7();
  next = bytes;
  for (filled = false; !filled; ) uuidv7();
  time = now;

  return () => {
    for (const restore of undo.reverse()) restore();
    syncBuiltinESMExports();
  };
}

function timerOf(work: () => void) {
  let isOff = false;
  const timer = {
    fire: () => {
      if (!isOff) work();
    },
    cancel: () => {
      isOff = true;
    },
    ref: () => timer,
    unref: () => timer,
    hasRef: () => true,
  };
  return timer;
}
