import { type Random, seeded } from '../load/random';
import { createEventQueue } from './event-queue';
import { replaceGlobals } from './globals';

/** Time, randomness and the order of events, all by one seed. Nothing in it waits for real time. */
export interface World {
  /** Milliseconds since its beginning. */
  now(): number;
  /** Resolves after so many milliseconds. */
  after(ms: number): Promise<void>;
  /** Runs work at a time. */
  at(ms: number, work: () => void): void;
  /** A source of numbers of its own for each name, so that a change in one place does not change all others. */
  random(name: string): Random;
  /** Events so far. */
  events(): number;
}

/** Nothing is left to happen, and the work is not done: something waits for what never comes. */
export class StandstillError extends Error {
  override name = 'StandstillError';
}

/** The beginning of each world, for clocks that tell the date. */
export const EPOCH = Date.UTC(2026, 0, 5, 12);
/** Beyond it, something repeats itself without end. */
const MOST_EVENTS = 200_000;

const realSetImmediate = setImmediate;
/** Once everything that needs no event is done: promises of the event before are settled by then. */
const settled = () => new Promise<void>((resolve) => realSetImmediate(resolve));

/**
 * Runs work in a world of its own. In it, clocks, timers and randomness of the whole process are the world's, so two
 * worlds must not run at a time. Everything that the work waits for has to be an event of the world.
 */
export async function inWorld<Result>(
  seed: number,
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  const queue = createEventQueue();
  let time = 0;
  let events = 0;
  const random = (name: string) => seeded(mixed(seed, name));
  const world: World = {
    now: () => time,
    after: (ms) => new Promise((resolve) => queue.add(time + ms, resolve)),
    at: (ms, run) => queue.add(ms, run),
    random,
    events: () => events,
  };
  const restore = replaceGlobals({
    now: () => Math.floor(EPOCH + time),
    ticks: () => time,
    at: (ms, run) => queue.add(time + ms, run),
    random: random('Math.random'),
    bytes: random('crypto'),
  });
  try {
    let outcome: Promise<Result> | undefined;
    let isDone = false;
    outcome = work(world).finally(() => {
      isDone = true;
    });
    outcome.catch(() => undefined);
    for (;;) {
      await settled();
      if (isDone) return await outcome;
      const event = queue.next();
      if (!event) throw new StandstillError(`Nothing happens any more after ${time} ms`);
      if (++events > MOST_EVENTS) throw new StandstillError(`It goes on after ${MOST_EVENTS} events`);
      time = Math.max(time, event.at);
      event.run();
    }
  } finally {
    restore();
  }
}

/** FNV-1a of the name, from the seed on. */
function mixed(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let place = 0; place < name.length; place++)
    hash = Math.imul(hash ^ name.charCodeAt(place), 0x01000193) >>> 0;
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) >>> 0;
}
