import { type Bucket, timelineOf } from '../analysis/timeline';
import { poisson } from '../load/arrivals';
import { seeded } from '../load/random';
import type { Result } from '../load/recording';
import { profileOf, type Scenario } from '../scenarios/scenarios';
import type { Instruments } from './demand';

export interface RideOptions {
  /** Requests a second. */
  readonly peak: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Sends requests at the varying rate of a scenario; resolves to their outcomes, second by second. */
export async function ride(
  { stage }: Instruments,
  scenario: Scenario,
  { peak, seconds, seed }: RideOptions,
): Promise<Bucket[]> {
  const results: Result[] = [];
  const arrivals = poisson(profileOf(scenario, peak, seconds), peak, seconds, seeded(seed));
  await stage.run(scenario.mix, arrivals, { onResult: (result) => results.push(result) });
  return timelineOf(results);
}
