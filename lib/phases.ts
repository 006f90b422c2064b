/**
 * The ladder. Each phase is the one before it plus a change, and deploying it changes the running system in place.
 * No construct asks for a phase's number: it receives the capability it needs.
 */
export interface Phase {
  /** What `-c phase=` names. */
  readonly number: number;
  readonly title: string;
  /** How many people use the shop, in words. */
  readonly users: string;
  /** What ran out in the phase before, and so leads to this one. */
  readonly bottleneck: string;
  /** What must be true of the running shop before this phase may be deployed over the one before. */
  readonly requires: 'nothing' | 'data-moved';
  /** Web servers and application servers in groups of their own behind load balancers, over three zones. */
  readonly tiers: 'none' | TierSizes;
  /** What the shop's name leads to. `address`: the Elastic IP of the box. `cdn`: CloudFront, with WAF. */
  readonly edge: 'address' | 'cdn';
  readonly database: DatabasePlacement;
  /** Where photos are. `on-box`: on the data volume. `s3`: in a bucket, and static content in another. */
  readonly files: { readonly placement: 'on-box' | 's3' };
}

/** Where the shop's SQL runs. `on-box`: MariaDB, its data on a volume of its own. */
type DatabasePlacement = { readonly placement: 'on-box' } | AuroraPlacement;

/** How many hosts each group has, and of which EC2 type. */
export interface TierSizes {
  /** nginx. */
  readonly web: TierSize;
  /** The app for GET and HEAD, with database users that cannot write. */
  readonly read: TierSize;
  /** The app for everything else. */
  readonly write: TierSize;
}

export interface TierSize {
  /** A multiple of three: one a zone at least. */
  readonly instances: number;
  readonly instanceType: string;
}

/** Aurora MySQL Serverless v2. */
export interface AuroraPlacement {
  readonly placement: 'aurora';
  /** In capacity units of about 2 GiB of memory with the CPU that belongs to it; paid for by the second. */
  readonly capacity: { readonly min: number; readonly max: number };
  /** A second instance in another zone, which becomes the writer when the first one fails. */
  readonly standby: boolean;
  /** Whether each service has a second database user, that can read and nothing else. */
  readonly readers: boolean;
}

const singleBox: Phase = {
  number: 1,
  title: 'Single box',
  users: '1',
  bottleneck: 'none yet: start with the least that works, and measure',
  requires: 'nothing',
  tiers: 'none',
  edge: 'address',
  database: { placement: 'on-box' },
  files: { placement: 'on-box' },
};

const oneWriter: AuroraPlacement = {
  placement: 'aurora',
  capacity: { min: 0.5, max: 8 },
  standby: false,
  readers: false,
};

const managedData: Phase = {
  ...singleBox,
  number: 2,
  title: 'Users+',
  users: 'hundreds',
  bottleneck: 'the database takes the memory and the CPU that the app needs, and user content fills the disk',
  database: oneWriter,
  files: { placement: 's3' },
};

const onePerZone: TierSize = { instances: 3, instanceType: 't4g.small' };

/** The box runs on beside the tiers for this one phase: a step stops nothing that is in use. */
const balancedTiers: Phase = {
  ...managedData,
  number: 3,
  title: 'Users++',
  users: 'ten thousand',
  bottleneck: 'the web server is saturated at peak, and one of everything is one too few',
  requires: 'data-moved',
  tiers: { web: onePerZone, read: onePerZone, write: onePerZone },
  edge: 'cdn',
  database: { ...oneWriter, standby: true, readers: true },
};

export const phases: readonly Phase[] = [singleBox, managedData, balancedTiers];

export function phaseNumbered(number: number): Phase | undefined {
  return phases.find((phase) => phase.number === number);
}
