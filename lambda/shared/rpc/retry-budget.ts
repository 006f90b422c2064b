/** Retries are this share of the calls at most, so that an outage does not multiply the load of what recovers from it. */
const SHARE = 0.1;
/** The most that quiet times save up, and what a process starts with. */
const MOST = 10;

export interface RetryBudget {
  /** Each first attempt earns a part of a retry. */
  earn(): void;
  /** Takes one retry; false if there is none. */
  spend(): boolean;
}

export function createRetryBudget(share = SHARE, most = MOST): RetryBudget {
  let left = most;
  return {
    earn: () => {
      left = Math.min(most, left + share);
    },
    spend: () => {
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
