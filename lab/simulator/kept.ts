import type { Plan } from './plan';
import { planOf } from './plan';

/** A history that was wrong once. It is run for ever. */
export interface Kept {
  readonly seed: number;
  /** What was wrong, and what mended it. */
  readonly says: string;
}

export const KEPT: readonly Kept[] = [];

export const keptPlan = ({ seed }: Kept): Plan => planOf(seed);
