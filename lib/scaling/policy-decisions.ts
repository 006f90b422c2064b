import type { ScalingPlan, StepMetric, StepScaling, TargetTracking, TrackedMetric } from './scaling-plan';

/**
 * The decisions of EC2 Auto Scaling as pure functions, once a minute, for the simulation and the local servers. Decision
 * 0133 has the sources, and the assumptions where AWS documents nothing.
 */

/** Averages of one minute over the hosts of a group that are past their warm-up; a metric may be missing. */
export type MinuteOfMetrics = Readonly<Partial<Record<TrackedMetric | StepMetric, number>>>;

export interface GroupState {
  /** The desired capacity, with hosts that still start. */
  readonly size: number;
  /** Hosts in service and past their warm-up. */
  readonly warm: number;
  /** Minutes of metrics since the size last changed. */
  readonly minutesUnchanged: number;
}

export interface Decision {
  readonly size: number;
  /** In words, for people. */
  readonly because: string;
}

/** The alarms that a target-tracking policy makes: three minutes above the target, fifteen below 90 % of it. */
export const TRACKING_ALARMS = { highMinutes: 3, lowMinutes: 15, lowPart: 0.9 } as const;

/** The size of a group from now on. @param minutes the newest one last */
export function decide(
  plan: ScalingPlan,
  group: GroupState,
  minutes: readonly MinuteOfMetrics[],
  now: Date,
): Decision {
  const alarmed = [
    ...plan.tracking.map((policy) => scaleOutByTracking(policy, group, minutes)),
    ...plan.steps.map((policy) => scaleOutByStep(policy, group, minutes)),
  ].filter((decision) => decision !== undefined);
  return bounded(plan, outOrIn(), now);

  function outOrIn(): Decision {
    // The largest wanted capacity wins. While any policy wants more, none removes hosts.
    const [largest] = alarmed.sort((one, other) => other.size - one.size);
    if (largest && largest.size > group.size) return largest;
    if (largest) return { size: group.size, because: `${largest.because}: enough hosts start` };
    return scaleIn(plan, group, minutes) ?? { size: group.size, because: 'nothing to do' };
  }
}

function bounded(plan: ScalingPlan, { size, because }: Decision, now: Date): Decision {
  const minimum = minimumAt(plan, now);
  if (size < minimum) return { size: minimum, because: `${minimum} is the minimum at this hour` };
  if (size > plan.maximum) {
    return { size: plan.maximum, because: `${because}; ${plan.maximum} is the maximum` };
  }
  return { size, because };
}

/** As many hosts as bring the metric to its target; hosts that warm up count as if they were not there. */
function scaleOutByTracking(
  { metric, target }: TargetTracking,
  { warm }: GroupState,
  minutes: readonly MinuteOfMetrics[],
): Decision | undefined {
  const values = newest(minutes, TRACKING_ALARMS.highMinutes, metric);
  if (!values?.every((value) => value > target)) return undefined;
  const value = values.at(-1) ?? target;
  return { size: Math.ceil((warm * value) / target), because: `${metric} ${round(value)}, target ${target}` };
}

/** Repeated alarms in the same step want the same size, since hosts that warm up do not count in its base. */
function scaleOutByStep(
  policy: StepScaling,
  { warm }: GroupState,
  minutes: readonly MinuteOfMetrics[],
): Decision | undefined {
  const { metric, threshold } = policy;
  const values = newest(minutes.slice(-policy.minutes).map(guarded(policy)), policy.minutes, metric);
  if (!values?.every((value) => value > threshold)) return undefined;
  const value = values.at(-1) ?? threshold;
  const reached = policy.adjustments.filter(({ aboveThresholdBy }) => value > threshold + aboveThresholdBy);
  const percent = reached.at(-1)?.addPercent ?? 0;
  // AWS rounds down, but for a part of one host.
  const added = Math.max(1, Math.floor((warm * percent) / 100));
  return { size: warm + added, because: `${metric} ${round(value)}, above ${threshold}` };
}

const guarded =
  ({ metric, onlyAboveCpuPercent }: StepScaling) =>
  (minute: MinuteOfMetrics): MinuteOfMetrics =>
    onlyAboveCpuPercent === undefined || (minute.cpuPercent ?? 0) > onlyAboveCpuPercent
      ? minute
      : { ...minute, [metric]: 0 };

/**
 * The largest size that a tracking policy wants, once all that may remove hosts have been low for fifteen minutes with
 * the present size. Nothing is removed while a host warms up.
 */
function scaleIn(
  { tracking }: ScalingPlan,
  { size, warm, minutesUnchanged }: GroupState,
  minutes: readonly MinuteOfMetrics[],
): Decision | undefined {
  const { lowMinutes, lowPart } = TRACKING_ALARMS;
  if (warm < size || minutesUnchanged < lowMinutes) return undefined;
  const sizes: number[] = [];
  for (const { metric, target, scaleIn: mayRemove } of tracking) {
    if (!mayRemove) continue;
    const values = newest(minutes, lowMinutes, metric);
    if (!values?.every((value) => value < lowPart * target)) return undefined;
    sizes.push(Math.ceil((warm * Math.max(...values)) / target));
  }
  const most = Math.max(0, ...sizes);
  return sizes.length > 0 && most < size
    ? { size: most, because: `low for ${lowMinutes} minutes` }
    : undefined;
}

/** The last values of a metric; undefined if there are fewer, so that an alarm has insufficient data. */
function newest(
  minutes: readonly MinuteOfMetrics[],
  count: number,
  metric: TrackedMetric | StepMetric,
): number[] | undefined {
  const values = minutes.slice(-count).map((minute) => minute[metric]);
  const known = values.filter((value) => value !== undefined);
  return known.length === count ? known : undefined;
}

/** The minimum at an hour: that of business hours, or the plan's. */
export function minimumAt({ minimum, businessHours }: ScalingPlan, now: Date): number {
  if (!businessHours) return minimum;
  const { weekday, time } = localTime(now, businessHours.timeZone);
  const isOpen =
    weekday !== 'Sat' && weekday !== 'Sun' && time >= businessHours.from && time < businessHours.until;
  return isOpen ? businessHours.minimum : minimum;
}

function localTime(now: Date, timeZone: string): { readonly weekday: string; readonly time: string } {
  const format = formats.get(timeZone) ?? formatOf(timeZone);
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return { weekday: parts.get('weekday') ?? '', time: `${parts.get('hour')}:${parts.get('minute')}` };
}

/** Making one costs more than using it a thousand times. */
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string) =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

const round = (value: number): number => Number(value.toPrecision(3));
