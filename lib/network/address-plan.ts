import type { Zones } from './zones';

/**
 * Every subnet of every phase, planned once so that nothing is ever renumbered. Each tier has three equal blocks of
 * 10.0.0.0/16, one per zone; a phase creates only the tiers that it uses.
 */
export const vpcCidr = '10.0.0.0/16';

/** In the order of use. `spare` is reserved for future tiers. */
const tiers = {
  public: ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24'],
  web: ['10.0.16.0/22', '10.0.20.0/22', '10.0.24.0/22'],
  app: ['10.0.64.0/20', '10.0.80.0/20', '10.0.96.0/20'],
  data: ['10.0.128.0/22', '10.0.132.0/22', '10.0.136.0/22'],
  spare: ['10.0.192.0/20', '10.0.208.0/20', '10.0.224.0/20'],
} as const;

export type Tier = keyof typeof tiers;

export interface PlannedSubnet {
  readonly cidr: string;
  readonly availabilityZone: string;
}

export function subnetsOf(tier: Tier, zones: Zones): PlannedSubnet[] {
  return tiers[tier].map((cidr, zone) => ({ cidr, availabilityZone: zones[zone] as string }));
}

export const addressPlan: Readonly<Record<Tier, readonly string[]>> = tiers;
