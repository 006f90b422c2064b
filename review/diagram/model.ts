/** The contents of a diagram, without coordinates. */
export interface Diagram {
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
  /** The names of the subnet tiers, from the way in to the innermost, in the order of their address ranges. */
  readonly tiers: readonly string[];
  /** The network, with its range; '' when there is none. */
  readonly network: string;
}

/**
 * The compartment of a node. `internet`: users of the shop. `edge`: AWS edge locations. `endpoints`: VPC endpoints and
 * SSH access inside of the network. `region`: AWS services outside of the network.
 */
export type Location = 'internet' | 'edge' | 'endpoints' | 'region' | { readonly tier: string };

/** A box: one resource, or several of a kind. */
export interface DiagramNode {
  /** The same in every phase in which the node exists. */
  readonly key: string;
  readonly location: Location;
  readonly title: string;
  readonly lines: readonly string[];
  /** The contents of each zone, from the first; '' for an empty one. Undefined or empty for zone-independent nodes. */
  readonly zones?: readonly string[];
  /** Keys of its security groups. */
  readonly securityGroups: readonly string[];
  /** Keys of the resources that it stands for. */
  readonly resources: readonly string[];
}

/** An arrow. */
export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  /** `443`, or the kind of a relation; may be ''. */
  readonly label: string;
  /** A network connection, or a relation: one node leads to, guards or holds another. */
  readonly kind: 'connection' | 'relation';
}

export function edgeId({ from, to }: Pick<DiagramEdge, 'from' | 'to'>): string {
  return `${from} > ${to}`;
}
