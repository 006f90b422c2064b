/** In milliseconds. */
export interface ReplicaLimits {
  /** A replica that is further behind is left out. Beats are up to a second apart, so it may show a second more. */
  readonly lag: number;
  /**
   * A replica that shows nothing newer is left out, by the reader's clock, even if no server shows anything newer. Half
   * the time for which the end of a session is remembered outside SQL.
   */
  readonly age: number;
  /** The longest wait for a replica that is asked how far behind it is. */
  readonly answer: number;
  /** The interval between two such questions, half to one and a half times. With `answer` less than a second. */
  readonly interval: number;
  /** A replica that was left out has to be well for this time. Longer than a cached value may take to load. */
  readonly recovery: number;
}

export const REPLICA_LIMITS: ReplicaLimits = {
  lag: 2000,
  age: 30_000,
  answer: 500,
  interval: 300,
  recovery: 3500,
};

/** A replica as its answers show it. Times are epoch milliseconds. */
export interface ReplicaHealth {
  /** The last beat it showed: it has everything that was committed before. */
  readonly beat: number;
  /** It has been well since. Undefined: it was never asked. Infinity: it is not. */
  readonly wellSince: number | undefined;
}

export const UNKNOWN: ReplicaHealth = { beat: 0, wellSince: undefined };

/** Reads go to what is `used`; what is `recovering` was left out and is well again, but not yet for long. */
export type ReplicaState = 'used' | 'recovering' | 'out';

export function stateOf(
  { beat, wellSince = Infinity }: ReplicaHealth,
  now: number,
  limits: ReplicaLimits,
): ReplicaState {
  if (wellSince === Infinity || now - beat > limits.age) return 'out';
  return now - wellSince >= limits.recovery ? 'used' : 'recovering';
}

/**
 * After an answer, or after none (`beat` undefined). `newest` is the newest beat that any server showed: a replica that
 * lags differs from it, and writers that are silent for a moment do not make a replica look late.
 */
export function judged(
  before: ReplicaHealth,
  beat: number | undefined,
  { newest, now, limits }: { readonly newest: number; readonly now: number; readonly limits: ReplicaLimits },
): ReplicaHealth {
  if (beat === undefined || newest - beat > limits.lag || now - beat > limits.age)
    return { beat: beat ?? before.beat, wellSince: Infinity };
  // The first answer of a replica counts at once: a process has just started.
  const { wellSince = -Infinity } = before;
  const wasOut = before.wellSince !== undefined && stateOf(before, now, limits) === 'out';
  return { beat, wellSince: wasOut ? now : wellSince };
}
