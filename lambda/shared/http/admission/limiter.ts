/** The classes of requests, the most important first. */
export const REQUEST_CLASSES = ['critical', 'log-in', 'write', 'read'] as const;
export type RequestClass = (typeof REQUEST_CLASSES)[number];

type PerClass = Readonly<Record<RequestClass, number>>;

/**
 * The number of requests under way at which a class is refused. It bounds memory, and the wait for whatever is slow. The
 * room above the bound of a class belongs to the more important ones.
 */
export const MOST_UNDER_WAY: PerClass = { read: 500, write: 750, 'log-in': 850, critical: 1000 };

/** The time of a turn of the event loop, in milliseconds, after which it admits no more of a class. */
const TURN_MS: PerClass = { read: 50, write: 200, 'log-in': 300, critical: Number.POSITIVE_INFINITY };
/** More time for a turn after one that was not long: a burst, or all that came during a pause, is no overload. */
const BURST_MS = 250;
/** So many are admitted in each turn, however long it takes: fewer at a time are no overload of this process. */
const LEAST_IN_TURN = 50;

/** Decides about each request that arrives, without waiting. */
export interface Limiter {
  /** True for a request that is admitted, and under way until `leave`. */
  enter(given: RequestClass): boolean;
  leave(): void;
  readonly underWay: number;
}

export interface LimiterOptions {
  readonly mostUnderWay?: PerClass;
  /** Milliseconds that only grow. Default: those of this process. */
  readonly ticks?: () => number;
  /** Calls back after the requests that have arrived by now. Default: `setImmediate`. */
  readonly atEndOfTurn?: (callback: () => void) => void;
}

/**
 * Bounds the requests under way, and the work of a turn of the event loop. A turn handles all requests that arrived during
 * the one before, so under overload each would take longer than the last. What does not fit is refused, which takes
 * hardly any time, and the next turn comes soon.
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const {
    mostUnderWay = MOST_UNDER_WAY,
    ticks = () => performance.now(),
    atEndOfTurn = setImmediate,
  } = options;
  let underWay = 0;
  let turn: { readonly start: number; admitted: number } | undefined;
  let wasLong = false;

  const begin = () => {
    const begun = { start: ticks(), admitted: 0 };
    atEndOfTurn(() => {
      wasLong = ticks() - begun.start > TURN_MS.read;
      turn = undefined;
    });
    return begun;
  };

  return {
    enter: (given) => {
      turn ??= begin();
      if (underWay >= mostUnderWay[given]) return false;
      const most = TURN_MS[given] + (wasLong ? 0 : BURST_MS);
      if (turn.admitted >= LEAST_IN_TURN && ticks() - turn.start > most) return false;
      turn.admitted += 1;
      underWay += 1;
      return true;
    },
    leave: () => {
      underWay -= 1;
    },
    get underWay() {
      return underWay;
    },
  };
}
