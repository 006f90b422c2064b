import type { Plan } from './plan';
import { planOf } from './plan';

/** A history that was wrong once. It is run for ever. */
export interface Kept {
  readonly seed: number;
  /** The fault, and its mend. */
  readonly says: string;
}

export const KEPT: readonly Kept[] = [
  {
    seed: 6574,
    says: 'Two movers of a bucket: one had the source and the other one the target, and nobody admitted the bucket.',
  },
  {
    seed: 10_045,
    says: 'The judge took a log-out for a proof of a session that a new password had ended already.',
  },
  {
    seed: 2088,
    says: 'The judge let no time end for a reservation that was made by a repeated request, and of which nobody was told.',
  },
];

export const keptPlan = ({ seed }: Kept): Plan => planOf(seed);
