export interface Clocks {
  /** Epoch milliseconds. Those of other hosts differ a little, and it may jump. */
  readonly now: () => number;
  /** Milliseconds that only grow, for durations within this process. */
  readonly ticks: () => number;
}

export const SYSTEM_CLOCKS: Clocks = { now: () => Date.now(), ticks: () => performance.now() };
