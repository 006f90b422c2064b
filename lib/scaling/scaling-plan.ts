/**
 * A group that changes its own size (decision 0133). Nothing of the CDK here: the constructs, the simulation and the
 * local servers read the same numbers.
 */
export interface ScalingPlan {
  /** Does not burst: a burstable type with spent credits would look idle and be slow, or cost extra. */
  readonly instanceType: string;
  /** A multiple of three: at least one per zone. */
  readonly minimum: number;
  readonly maximum: number;
  /** From the start of a host until its metrics count. Longer than its boot and the delay of metrics together. */
  readonly warmUpSeconds: number;
  /** A higher minimum while people are about to come. Default: none. */
  readonly businessHours?: BusinessHours;
  /** Each wants as many hosts as hold its metric at its target. The largest wanted number wins. */
  readonly tracking: readonly TargetTracking[];
  /** Each only adds hosts, sooner than tracking does. */
  readonly steps: readonly StepScaling[];
}

/** Changes the minimum alone: the group may still grow and shrink above it. */
export interface BusinessHours {
  /** IANA name: the schedule follows daylight saving time. */
  readonly timeZone: string;
  /** As in cron. */
  readonly weekdays: 'MON-FRI';
  /** `hh:mm`, local time. */
  readonly from: string;
  readonly until: string;
  /** A multiple of three. */
  readonly minimum: number;
}

/** Averages over the hosts of a group, of one minute each: the hosts need detailed monitoring. */
export type TrackedMetric = 'cpuPercent' | 'requestsPerMinute' | 'networkOutBytesPerMinute';

export interface TargetTracking {
  readonly metric: TrackedMetric;
  readonly target: number;
  /**
   * False if it may only add hosts. Then it does not keep what it added either: other policies remove hosts without
   * asking it, and it adds them again.
   */
  readonly scaleIn: boolean;
}

/**
 * `eventLoopPercent`: the share of time in which the JavaScript thread works, which the app publishes itself.
 * `p95Seconds`: response time of the targets.
 */
export type StepMetric = 'eventLoopPercent' | 'p95Seconds';

export interface StepScaling {
  readonly metric: StepMetric;
  readonly threshold: number;
  /** Minutes in a row in which the metric is above the threshold. */
  readonly minutes: number;
  /**
   * The metric counts as zero while the CPU is not above this. Hosts that wait for a slow database are slow and idle;
   * more of them would make the database slower. Default: no guard.
   */
  readonly onlyAboveCpuPercent?: number;
  /** In ascending order; the last one that the breach reaches applies. */
  readonly adjustments: readonly StepAdjustment[];
}

export interface StepAdjustment {
  /** Added to the threshold. The first one is 0. */
  readonly aboveThresholdBy: number;
  /** Of the group's size; one host at least. */
  readonly addPercent: number;
}

/**
 * A boot takes three minutes, the first whole minute of metrics is the fourth, and it is known two minutes later. With
 * less, a policy that still sees the old load doubles a group that is big enough by now.
 */
const warmUpSeconds = 360;

/**
 * From half an hour before the East Coast opens until the West Coast closes. Their minimum carries three times the load of
 * an ordinary day, so that a spike waits for no host.
 */
const usBusinessHours = {
  timeZone: 'America/New_York',
  weekdays: 'MON-FRI',
  from: '07:30',
  until: '20:30',
} as const;

/** Two thirds of a group carry all its load at 75 %: a zone may fail. */
const cpuAtHalf: TargetTracking = { metric: 'cpuPercent', target: 50, scaleIn: true };

/**
 * At 60 % of the CPU by the lab's figures, so that CPU leads while the hosts keep up. Beyond that CPU stops at 100 %, and
 * only requests show by how much more is needed. Not for the app: balancers also count requests that were refused and
 * repeated, so a slow database would add hosts.
 */
const requests: TargetTracking = { metric: 'requestsPerMinute', target: 79_000, scaleIn: true };

/** 60 % of a c7g.medium's sustained 0.52 Gbps. */
const networkOut: TargetTracking = {
  metric: 'networkOutBytesPerMinute',
  target: 2_340_000_000,
  scaleIn: true,
};

/** Sees the one JavaScript thread, which on two cores saturates at a CPU of 50 %. */
const busyEventLoop: StepScaling = {
  metric: 'eventLoopPercent',
  threshold: 75,
  minutes: 2,
  adjustments: [
    { aboveThresholdBy: 0, addPercent: 50 },
    { aboveThresholdBy: 15, addPercent: 100 },
  ],
};

/** The guard is above the target of CPU tracking: below that, hosts are not the reason. */
const slowResponses = (onlyAboveCpuPercent: number): StepScaling => ({
  metric: 'p95Seconds',
  threshold: 0.25,
  minutes: 2,
  onlyAboveCpuPercent,
  adjustments: [{ aboveThresholdBy: 0, addPercent: 50 }],
});

/** nginx: 319 CPU microseconds a request in the lab, so a host bears 2,200 a second. */
export const webScaling: ScalingPlan = {
  instanceType: 'c7g.medium',
  minimum: 3,
  maximum: 21,
  warmUpSeconds,
  businessHours: { ...usBusinessHours, minimum: 12 },
  tracking: [cpuAtHalf, requests, networkOut],
  steps: [],
};

/** One core for one JavaScript thread, which takes 408 microseconds for each request to the web tier: 1,700 a second. */
export const readScaling: ScalingPlan = {
  instanceType: 'c7g.medium',
  minimum: 3,
  maximum: 24,
  warmUpSeconds,
  businessHours: { ...usBusinessHours, minimum: 15 },
  tracking: [cpuAtHalf],
  steps: [busyEventLoop, slowResponses(60)],
};

/**
 * Two cores: passwords are hashed on all but one. At 30 %, since the JavaScript thread alone uses up half, and no host may
 * be removed at a CPU at which the event loop adds one.
 */
export const writeScaling: ScalingPlan = {
  instanceType: 'c7g.large',
  minimum: 3,
  maximum: 12,
  warmUpSeconds,
  tracking: [{ ...cpuAtHalf, target: 30 }],
  steps: [busyEventLoop, slowResponses(40)],
};

/** By the same figures: at its minimum for two million users, at its maximum for the peak of ten million. */
export const wideWebScaling: ScalingPlan = {
  ...webScaling,
  minimum: 6,
  maximum: 96,
  businessHours: { ...usBusinessHours, minimum: 24 },
};

export const inventoryReadScaling: ScalingPlan = {
  ...readScaling,
  minimum: 6,
  maximum: 132,
  businessHours: { ...usBusinessHours, minimum: 30 },
};

/** Account pages and the question of whose session it is, which a copy in the cache answers for most requests. */
export const usersReadScaling: ScalingPlan = {
  ...readScaling,
  maximum: 24,
  businessHours: { ...usBusinessHours, minimum: 6 },
};

/** Purchases of ten million users: 18 hosts at the peak. */
export const inventoryWriteScaling: ScalingPlan = { ...writeScaling, maximum: 18 };
