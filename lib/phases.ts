import {
  inventoryReadScaling,
  inventoryWriteScaling,
  readScaling,
  type ScalingPlan,
  usersReadScaling,
  webScaling,
  wideWebScaling,
  writeScaling,
} from './scaling/scaling-plan';

/**
 * The ladder. Each phase is the previous one plus a change, and deploying it changes the running system in place.
 * No construct reads a phase's number: it receives the capabilities that it needs.
 */
export interface Phase {
  /** The value of `-c phase=`. */
  readonly number: number;
  readonly title: string;
  /** The number of users, in words. */
  readonly users: string;
  /** The bottleneck of the previous phase, which this phase removes. */
  readonly bottleneck: string;
  /** A precondition for deploying this phase over the previous one. */
  readonly requires: 'nothing' | 'data-moved';
  /**
   * The instance of phase 1. `retired`: it is gone, with its ports, alarms and certificate. What stacks still name of each
   * other while they are updated stays for this one phase. `gone`: so are its address, its volume and those names.
   */
  readonly box: 'serves' | 'retired' | 'gone';
  /** Groups of web servers and application servers behind load balancers, over three zones. */
  readonly tiers: 'none' | Tiers;
  /** The target of the shop's name. `address`: the Elastic IP of the box. `cdn`: CloudFront, with WAF. */
  readonly edge: 'address' | 'cdn';
  readonly database: DatabasePlacement;
  /** `shared`: users are beside inventory. Otherwise the cluster of their own, to which a command moves them. */
  readonly usersDatabase: 'shared' | AuroraPlacement;
  /** Memory that all hosts share, for copies of what is read often. */
  readonly cache: 'none' | CacheLimits;
  /** The place of photos. `on-box`: on the data volume. `s3`: in a bucket, with static content in another. */
  readonly files: { readonly placement: 'on-box' | 's3' };
  /** The place of ledger lines and ended reservations that are older than a window. `none`: the database, as the others. */
  readonly warehouse: 'none' | WarehousePlan;
  /** `in-process`: photos are rows of the database, rendered by the processes that write. */
  readonly photos: 'in-process' | PhotoWorkers;
  /** The share of reads that is logged, besides all that were refused, failed or slow. Every write is logged. */
  readonly loggedReadsPercent: number;
  /** A canary shops every few minutes, and incidents are reported to services outside of AWS if options name them. */
  readonly watchedFromOutside: boolean;
  /**
   * `alarms`: on what runs out or fails. `objectives`: on the share of right answers instead, with dashboards, saved
   * queries and a trail (decision 0140).
   */
  readonly monitoring: 'alarms' | 'objectives';
  /** The signs that the next phase is due, by the bottleneck that leads there (decision 0141). */
  readonly outgrownBy: readonly OutgrownSign[];
  /** USD a month, the least, in us-east-1: fixed by `npm run cost`. The budget follows it (decision 0142). */
  readonly monthlyCost: number;
}

/** `Thread`: the one that runs JavaScript. `refusals`: requests that found no room. */
export type OutgrownSign =
  | 'boxCpu'
  | 'boxMemory'
  | 'dataDisk'
  | 'boxThread'
  | 'readThread'
  | 'writerCapacity'
  | 'refusals';

/** The database. `on-box`: MariaDB with its data on a separate volume. */
type DatabasePlacement = { readonly placement: 'on-box' } | AuroraPlacement;

export interface Tiers {
  /** nginx. */
  readonly web: GroupSize;
  /** Application servers. */
  readonly groups: readonly AppGroupPlan[];
}

/** Processes of one service, all with the same rights. */
export interface AppGroupPlan {
  /** `all`: both services in one process. */
  readonly service: 'all' | Service;
  /** `read`: GET and HEAD, with database users that cannot write. `write`: everything else. */
  readonly access: 'read' | 'write';
  /** `lambda`: a function behind the same balancers takes the place of the hosts (decision 0168). */
  readonly compute: 'ec2' | 'lambda';
  /** Of the hosts. */
  readonly size: GroupSize;
}

export type Service = 'users' | 'inventory';

export type GroupName = 'read' | 'write' | 'usersRead' | 'usersWrite';

/** The group's name in ids, alarms and tags: `read`, `usersRead`. The inventory service keeps the shared names. */
export function groupName({ service, access }: Pick<AppGroupPlan, 'service' | 'access'>): GroupName {
  return service === 'users' ? `users${capitalized(access)}` : access;
}

/** True if each service has processes of its own, which call each other. */
export const hasServices = (groups: readonly AppGroupPlan[]): boolean =>
  groups.some(({ service }) => service !== 'all');

export const capitalized = <Text extends string>(text: Text): Capitalize<Text> =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}` as Capitalize<Text>;

/** The number and EC2 type of hosts. */
export interface GroupSize {
  /** A multiple of three: at least one per zone. Of a group that scales, its minimum at night. */
  readonly instances: number;
  readonly instanceType: string;
  /** `fixed`: the group has this number of hosts by day and by night. */
  readonly scaling: 'fixed' | ScalingPlan;
}

/** The largest number of hosts of a group, those that a roll-out adds for minutes aside. */
export const mostInstances = ({ instances, scaling }: GroupSize): number =>
  scaling === 'fixed' ? instances : scaling.maximum;

/** Aurora MySQL Serverless v2. */
export interface AuroraPlacement {
  readonly placement: 'aurora';
  /** In capacity units of about 2 GiB of memory with proportional CPU; billed by the second. */
  readonly capacity: { readonly min: number; readonly max: number };
  /** True for a second instance in another zone, which becomes the writer if the first one fails. */
  readonly standby: boolean;
  /** True if each service has a second, read-only database user. */
  readonly readOnlyUsers: boolean;
  /**
   * Instances for reads alone, each in a further zone and as big as its own load needs. The standby answers reads beside
   * them. 0: all reads go to the writer.
   */
  readonly readers: number;
}

/**
 * The limits of a serverless Valkey cache, which bound its cost. It grows by itself up to them, and raising them
 * interrupts nothing.
 */
export interface CacheLimits {
  /** Of stored data; beyond it, entries are evicted. At least 1. */
  readonly maxGigabytes: number;
  /** ElastiCache processing units: about one for each KB that a command moves. Beyond them, commands are throttled. */
  readonly maxUnitsPerSecond: number;
}

/** Redshift Serverless, and the hours in which rows move there. */
export interface WarehousePlan {
  /** Full months that stay in the database, besides the present one. */
  readonly keptMonths: number;
  /** Redshift processing units: paid by the second while statements run, the most bounds what a query may take. */
  readonly capacity: { readonly base: number; readonly max: number };
  /** Hours of the day, in the form of cron: `1-5`. */
  readonly hours: string;
  /** IANA. */
  readonly timeZone: string;
}

/** Photos are items of DynamoDB, rendered from a queue by functions. */
export interface PhotoWorkers {
  /** Functions at a time, at least 2: each renders some three photos a second. */
  readonly most: number;
  /** Beyond so many waiting photos uploads are refused: about as many as the workers render in a minute. */
  readonly mostWaiting: number;
}

const singleBox: Phase = {
  number: 1,
  title: 'Single box',
  users: '1',
  bottleneck: 'none yet: start with the least that works, and measure',
  requires: 'nothing',
  box: 'serves',
  tiers: 'none',
  edge: 'address',
  database: { placement: 'on-box' },
  usersDatabase: 'shared',
  cache: 'none',
  files: { placement: 'on-box' },
  warehouse: 'none',
  photos: 'in-process',
  loggedReadsPercent: 100,
  watchedFromOutside: false,
  monitoring: 'alarms',
  outgrownBy: ['boxCpu', 'boxMemory', 'dataDisk'],
  monthlyCost: 30,
};

const oneWriter: AuroraPlacement = {
  placement: 'aurora',
  capacity: { min: 0.5, max: 8 },
  standby: false,
  readOnlyUsers: false,
  readers: 0,
};

const managedData: Phase = {
  ...singleBox,
  number: 2,
  title: 'Users+',
  users: 'hundreds',
  bottleneck:
    'the database takes memory and a fifth of the CPU from the app beside it, and user content fills the disk',
  database: oneWriter,
  files: { placement: 's3' },
  outgrownBy: ['boxThread'],
  monthlyCost: 84,
};

const writerAndStandby: AuroraPlacement = { ...oneWriter, standby: true, readOnlyUsers: true };

const onePerZone: GroupSize = { instances: 3, instanceType: 't4g.small', scaling: 'fixed' };

/** The box keeps running beside the tiers in this phase: a step stops nothing that is in use. */
const balancedTiers: Phase = {
  ...managedData,
  number: 3,
  title: 'Users++',
  users: 'ten thousand',
  bottleneck: "the app's one JavaScript thread answers every request, and one of everything is one too few",
  requires: 'data-moved',
  tiers: {
    web: onePerZone,
    groups: [
      { service: 'all', access: 'read', compute: 'ec2', size: onePerZone },
      { service: 'all', access: 'write', compute: 'ec2', size: onePerZone },
    ],
  },
  edge: 'cdn',
  database: writerAndStandby,
  outgrownBy: ['readThread', 'writerCapacity'],
  monthlyCost: 329,
};

const twoPerZone: GroupSize = { ...onePerZone, instances: 6 };

/** The read tier alone grows: in the lab it saturates first, and the web tier bears more than twice its rate. */
const cachedReads: Phase = {
  ...balancedTiers,
  number: 4,
  title: 'Users+++',
  users: 'hundreds of thousands',
  bottleneck: "the read tier's JavaScript is used up first, and behind it one writer answers every read",
  box: 'retired',
  tiers: {
    web: onePerZone,
    groups: [
      { service: 'all', access: 'read', compute: 'ec2', size: twoPerZone },
      { service: 'all', access: 'write', compute: 'ec2', size: onePerZone },
    ],
  },
  // Below two units, a quiet night empties the buffer pool, and the morning's first reads all go to storage.
  database: { ...writerAndStandby, capacity: { min: 2, max: 8 }, readers: 1 },
  cache: { maxGigabytes: 1, maxUnitsPerSecond: 10_000 },
  outgrownBy: ['refusals', 'readThread'],
  monthlyCost: 798,
};

const scaled = (scaling: ScalingPlan): GroupSize => ({
  instances: scaling.minimum,
  instanceType: scaling.instanceType,
  scaling,
});

/** The limits of what scales by itself grow with the groups, or these would only queue there. */
const scaledGroups: Phase = {
  ...cachedReads,
  number: 5,
  title: 'Users++++',
  users: 'a million',
  bottleneck: "groups of a fixed size are too small for the day's spikes, and idle at night",
  box: 'gone',
  tiers: {
    web: scaled(webScaling),
    groups: [
      { service: 'all', access: 'read', compute: 'ec2', size: scaled(readScaling) },
      { service: 'all', access: 'write', compute: 'ec2', size: scaled(writeScaling) },
    ],
  },
  database: { ...writerAndStandby, capacity: { min: 2, max: 32 }, readers: 1 },
  cache: { maxGigabytes: 5, maxUnitsPerSecond: 50_000 },
  loggedReadsPercent: 1,
  watchedFromOutside: true,
  monitoring: 'objectives',
  outgrownBy: ['writerCapacity'],
  monthlyCost: 1248,
};

/**
 * Each service has hosts, rights, a release and alarms of its own, and asks the other by RPC. The hosts of both that read
 * and write before are those of inventory now.
 */
const twoServices: Phase = {
  ...scaledGroups,
  number: 6,
  title: 'Users+++++',
  users: 'ten million',
  bottleneck:
    'one deployable holds both services, so they fail, are released and scale together, and its one writer cannot be divided before they part',
  tiers: {
    web: scaled(wideWebScaling),
    groups: [
      { service: 'users', access: 'read', compute: 'ec2', size: scaled(usersReadScaling) },
      { service: 'users', access: 'write', compute: 'ec2', size: scaled(writeScaling) },
      { service: 'inventory', access: 'read', compute: 'ec2', size: scaled(inventoryReadScaling) },
      { service: 'inventory', access: 'write', compute: 'ec2', size: scaled(inventoryWriteScaling) },
    ],
  },
  database: { ...writerAndStandby, capacity: { min: 2, max: 64 }, readers: 1 },
  // Sessions are read from copies in the cache, so the writer answers the few reads that are left.
  usersDatabase: { ...writerAndStandby, capacity: { min: 1, max: 32 } },
  warehouse: {
    keptMonths: 3,
    capacity: { base: 4, max: 32 },
    hours: '1-5',
    timeZone: 'America/New_York',
  },
  photos: { most: 10, mostWaiting: 1500 },
  outgrownBy: [],
  monthlyCost: 2195,
};

export const phases: readonly Phase[] = [
  singleBox,
  managedData,
  balancedTiers,
  cachedReads,
  scaledGroups,
  twoServices,
];

export function phaseNumbered(number: number): Phase | undefined {
  return phases.find((phase) => phase.number === number);
}
