import { LRUCache } from 'lru-cache';

export interface BudgetOptions {
  /** The most at once. */
  readonly tries: number;
  /** Milliseconds until one of them is given back. */
  readonly refillMs: number;
  /** The most keys that are remembered; the least recently used are forgotten. */
  readonly keys: number;
}

/** A budget for each key in this process, kept as the time at which it is whole again, like those of log-ins. */
export function createBudget({ tries, refillMs, keys }: BudgetOptions, now: () => number = Date.now) {
  const wholeAt = new LRUCache<string, number>({ max: keys });
  /** Takes one try; false when there is none left. */
  return (key: string): boolean => {
    const from = Math.max(wholeAt.get(key) ?? 0, now());
    if (from - now() > (tries - 1) * refillMs) return false;
    wholeAt.set(key, from + refillMs);
    return true;
  };
}
