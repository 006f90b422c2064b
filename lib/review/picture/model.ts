/** What a picture of a phase shows, before anything has a place on paper. */
export interface Model {
  readonly parts: readonly Part[];
  readonly flows: readonly Flow[];
  /** From the way in to the innermost, as the address ranges of the subnets stand. */
  readonly tiers: readonly Tier[];
  /** The network, with its range; '' when there is none. */
  readonly network: string;
}

export interface Tier {
  /** `web` */
  readonly name: string;
  /** Of its first subnet, as a number. */
  readonly start: number;
}

/**
 * `people`: who uses the shop. `edge`: AWS, all over the world. `ways`: in the network, the ways out of it and to its
 * shells. `region`: AWS, outside the network. Everything else is in a tier of subnets.
 */
export type Band = 'people' | 'edge' | 'ways' | 'region' | { readonly tier: string };

/** A box of the picture: one resource, or several of a kind that say more together. */
export interface Part {
  /** The same in every phase in which the part exists. */
  readonly key: string;
  readonly band: Band;
  /** What stands in front of others of its tier has a lower one. */
  readonly rank: number;
  readonly title: string;
  readonly lines: readonly string[];
  /** What is in each zone, from the first; '' where there is nothing. Undefined or empty: zones do not matter to it. */
  readonly zones?: readonly string[];
  /** Keys of its security groups. */
  readonly groups: readonly string[];
  /** Keys of the resources that it stands for. */
  readonly members: readonly string[];
}

/** An arrow. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  /** `443`, or what kind of a way it is; '' when there is nothing to say. */
  readonly label: string;
  /** Whether it is a connection over the network, or one thing that leads to, guards or holds another. */
  readonly kind: 'connection' | 'relation';
}
