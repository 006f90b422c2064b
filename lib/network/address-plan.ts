import { Fn } from 'aws-cdk-lib';

/**
 * Every subnet of every phase, decided once so that nothing is ever renumbered. Each tier owns a /18's share of
 * 10.0.0.0/16 as three equal blocks, one a zone; a phase creates only the tiers that it uses.
 */
export const vpcCidr = '10.0.0.0/16';

/** In the order of use. `spare` is for what nobody has thought of. */
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

/** The region's first three zones, without looking anything up (an agnostic stack would see two). */
export const availabilityZones = [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs()));

export function subnetsOf(tier: Tier): PlannedSubnet[] {
  return tiers[tier].map((cidr, zone) => ({ cidr, availabilityZone: availabilityZones[zone] as string }));
}

export const addressPlan: Readonly<Record<Tier, readonly string[]>> = tiers;
