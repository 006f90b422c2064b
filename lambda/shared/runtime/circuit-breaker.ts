export interface CircuitBreaker {
  /** False while the circuit is open, but for one call in each pause: the probe. */
  allows(): boolean;
  /** A call was answered in time: closes the circuit. */
  succeeded(): void;
  /** A call was not answered in time. */
  failed(): void;
}

export interface CircuitBreakerOptions {
  /** So many failures in a row open the circuit. */
  readonly failures: number;
  readonly pauseMs: number;
  /** Milliseconds; never goes back. */
  readonly now: () => number;
}

/** Spares callers the wait for something that did not answer the last calls. */
export function createCircuitBreaker({ failures, pauseMs, now }: CircuitBreakerOptions): CircuitBreaker {
  let inARow = 0;
  let probeAt = 0;
  return {
    allows: () => {
      if (inARow < failures) return true;
      if (now() < probeAt) return false;
      probeAt = now() + pauseMs;
      return true;
    },
    succeeded: () => {
      inARow = 0;
    },
    failed: () => {
      inARow += 1;
      probeAt = now() + pauseMs;
    },
  };
}
