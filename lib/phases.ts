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
  /** What answers browsers. `box`: nginx and the app on one instance. */
  readonly web: 'box';
  readonly database: DatabasePlacement;
  /** Where photos are. `on-box`: on the data volume. `s3`: in a bucket, and static content in another. */
  readonly files: { readonly placement: 'on-box' | 's3' };
}

/** Where the shop's SQL runs. `on-box`: MariaDB, its data on a volume of its own. */
type DatabasePlacement = { readonly placement: 'on-box' } | AuroraPlacement;

/** Aurora MySQL Serverless v2, one writer. */
export interface AuroraPlacement {
  readonly placement: 'aurora';
  /** In capacity units of about 2 GiB of memory with the CPU that belongs to it; paid for by the second. */
  readonly capacity: { readonly min: number; readonly max: number };
  /** `kept`: the box's own database stays beside it, since the data is there until `npm run move`. */
  readonly boxDatabase: 'kept';
}

const singleBox: Phase = {
  number: 1,
  title: 'Single box',
  users: '1',
  bottleneck: 'none yet: start with the least that works, and measure',
  requires: 'nothing',
  web: 'box',
  database: { placement: 'on-box' },
  files: { placement: 'on-box' },
};

const managedData: Phase = {
  ...singleBox,
  number: 2,
  title: 'Users+',
  users: 'hundreds',
  bottleneck: 'the database takes the memory and the CPU that the app needs, and user content fills the disk',
  database: { placement: 'aurora', capacity: { min: 0.5, max: 8 }, boxDatabase: 'kept' },
  files: { placement: 's3' },
};

export const phases: readonly Phase[] = [singleBox, managedData];

export function phaseNumbered(number: number): Phase | undefined {
  return phases.find((phase) => phase.number === number);
}
