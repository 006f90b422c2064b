import { mean, standardError } from './statistics';

/** The same measurement of two revisions, one after the other. */
export interface Pair {
  readonly before: number;
  readonly after: number;
}

type Verdict = 'slower' | 'faster' | 'same' | 'too noisy';

export interface Comparison {
  readonly verdict: Verdict;
  /** After divided by before. */
  readonly ratio: number;
  /** With 99 % confidence. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/** Smaller changes are ignored: rebuilding alone moves code and data by a few percent. */
const SMALLEST_CHANGE = 0.06;
/** An interval wider than this could hide a change: nothing is published. */
const WIDEST_HALF = 0.06;
/** Of the t distribution, two-sided 99 %. */
const T99 = [
  63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947,
  2.921, 2.898, 2.878, 2.861, 2.845, 2.831, 2.819, 2.807, 2.797, 2.787, 2.779, 2.771, 2.763, 2.756, 2.75,
];

/**
 * Compares logarithms of ratios: a disturbance of both measurements of a pair cancels out, and halving is as far from 1
 * as doubling. A tenth of the pairs at each end is clipped to its neighbour (winsorized), since a shared machine has
 * outliers.
 */
export function compare(pairs: readonly Pair[]): Comparison {
  if (pairs.length < 3) throw new RangeError(`A comparison needs at least 3 pairs, not ${pairs.length}`);
  const logs = winsorized(pairs.map(({ before, after }) => Math.log(after / before)));
  const center = mean(logs);
  const half = (T99[pairs.length - 2] ?? 2.7) * standardError(logs) * WIDENED;
  const [ratio, low, high] = [center, center - half, center + half].map(Math.exp) as [number, number, number];
  return { verdict: verdictOf(ratio, low, high, half), ratio, low, high, pairs: pairs.length };
}

/** Corrects the clipping, which makes values seem closer than they are; exact for a normal distribution. */
const WIDENED = 1.25;

function verdictOf(ratio: number, low: number, high: number, half: number): Verdict {
  if (half > WIDEST_HALF) return 'too noisy';
  if (low > 1 && ratio > 1 + SMALLEST_CHANGE) return 'slower';
  if (high < 1 && ratio < 1 / (1 + SMALLEST_CHANGE)) return 'faster';
  return 'same';
}

function winsorized(values: readonly number[]): number[] {
  const sorted = [...values].sort((one, other) => one - other);
  const cut = Math.floor(values.length / 10);
  const [low = 0, high = 0] = [sorted[cut], sorted[sorted.length - 1 - cut]];
  return values.map((value) => Math.min(high, Math.max(low, value)));
}

/** Numbers of pairs after which the comparison may end. There are few, since every look can decide by chance. */
const LOOKS = [16, 40, 100] as const;

/** Measures pairs until they give a verdict, or until it is clear that they will not. */
export async function compareUntilDecided(measure: (turn: number) => Promise<Pair>): Promise<Comparison> {
  const pairs: Pair[] = [];
  let compared: Comparison | undefined;
  for (const look of LOOKS) {
    while (pairs.length < look) pairs.push(await measure(pairs.length));
    compared = compare(pairs);
    if (compared.verdict !== 'too noisy') break;
  }
  return compared ?? compare(pairs);
}
