/** A mean with its interval of 95 % confidence, for independent repetitions. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** By Student's t. The interval of a single value is infinite. */
export function interval95(values: readonly number[]): Interval {
  const [n, center] = [values.length, mean(values)];
  if (n === 0) throw new RangeError('An interval needs at least one value');
  const half = n === 1 ? Number.POSITIVE_INFINITY : studentT95(n - 1) * standardError(values);
  return { mean: center, low: center - half, high: center + half, n };
}

export function standardError(values: readonly number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** For 1 to 30 degrees of freedom, two-sided. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

const studentT95 = (degreesOfFreedom: number): number =>
  T95[degreesOfFreedom - 1] ?? 1.96 + 2.5 / degreesOfFreedom;
