import { readScaling, type ScalingPlan, webScaling, writeScaling } from '../../lib/scaling/scaling-plan';
import { PRICES as LISTED } from '../../review/cost/prices';
import ASSUMED from './assumptions.json';

export interface Tier {
  readonly name: 'web' | 'read' | 'write';
  /** Of a host. */
  readonly cores: number;
  /** For a request to the web tier, on a core of the fleet: of all threads, and of the one JavaScript thread. */
  readonly cpuSeconds: number;
  readonly threadSeconds: number;
  readonly usesDatabase: boolean;
  /** Of a host, for a request to the web tier. Estimated. */
  readonly bytesOut: number;
}

const demand = (cpuMicroseconds: number, threadMicroseconds: number) => ({
  cpuSeconds: cpuMicroseconds / 1e6 / ASSUMED.core.value,
  threadSeconds: threadMicroseconds / 1e6 / ASSUMED.core.value,
});

/** Demands of phase 4 by the lab, with an empty cache. Those of `write` are of a business day, with log-ins and sign-ups. */
export const TIERS: readonly Tier[] = [
  { name: 'web', cores: 1, ...demand(319, 0), usesDatabase: false, bytesOut: 4_000 },
  { name: 'read', cores: 1, ...demand(445, 408), usesDatabase: true, bytesOut: 2_000 },
  { name: 'write', cores: 2, ...demand(100, 61), usesDatabase: true, bytesOut: 100 },
];

export type Plans = Readonly<Record<Tier['name'], ScalingPlan>>;
export const PLANS: Plans = { web: webScaling, read: readScaling, write: writeScaling };

/** USD an hour of a host, with a volume of 10 GiB and seven metrics. */
const VOLUME_AND_MONITORING = (10 * LISTED['gp3 volume'].usd + 7 * LISTED.metric.usd) / 730;
export const PRICES: Readonly<Record<string, number>> = Object.fromEntries(
  (['c7g.medium', 'c7g.large'] as const).map((type) => [type, LISTED[type].usd + VOLUME_AND_MONITORING]),
);
