/** Resolves to true if the servers kept up at a rate. */
export type Attempt = (rate: number) => Promise<boolean>;

export interface SearchOptions {
  /** The first rate: the search goes up from it until an attempt fails, or down until one succeeds. */
  readonly from: number;
  readonly lowest: number;
  readonly highest: number;
  /** Number of times that the range is halved in the end. */
  readonly halvings: number;
}

const STEP = 1.3;

/**
 * Finds the highest rate at which the servers keep up, by steps and then by halves; undefined if they fail even at the
 * lowest.
 */
export async function findSaturation(attempt: Attempt, options: SearchOptions): Promise<number | undefined> {
  const { from, lowest, highest, halvings } = options;
  let good: number | undefined;
  let bad: number | undefined;
  for (let rate = from; good === undefined || bad === undefined; ) {
    if (await attempt(rate)) {
      good = rate;
      if (rate >= highest) return good;
      rate = Math.min(highest, rate * STEP);
    } else {
      bad = rate;
      if (rate <= lowest) return good;
      rate = Math.max(lowest, good ?? rate / STEP);
    }
    if (good !== undefined && bad !== undefined && good < bad) break;
  }
  for (let left = halvings; left > 0 && good !== undefined && bad !== undefined; left--) {
    const middle: number = Math.sqrt(good * bad);
    if (await attempt(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
