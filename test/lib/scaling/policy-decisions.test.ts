import fc from 'fast-check';
import {
  decide,
  type GroupState,
  type MinuteOfMetrics,
  minimumAt,
} from '../../../lib/scaling/policy-decisions';
import { readScaling, type ScalingPlan, webScaling, writeScaling } from '../../../lib/scaling/scaling-plan';

const night = new Date('2026-11-26T08:00:00Z');
const steady = (size: number): GroupState => ({ size, warm: size, minutesUnchanged: 60 });
const last = (count: number, minute: MinuteOfMetrics) => Array.from({ length: count }, () => minute);

/** Tracks CPU at 50 % and nothing else, unless told otherwise. */
const plan = (changes: Partial<ScalingPlan> = {}): ScalingPlan => ({
  instanceType: 'c7g.medium',
  minimum: 3,
  maximum: 24,
  warmUpSeconds: 240,
  tracking: [{ metric: 'cpuPercent', target: 50, scaleIn: true }],
  steps: [],
  ...changes,
});

describe('target tracking', () => {
  it('adds as many hosts as bring the metric to its target, after three minutes above it', () => {
    expect(decide(plan(), steady(4), last(3, { cpuPercent: 90 }), night)).toEqual({
      size: 8,
      because: 'cpuPercent 90, target 50',
    });
    const twoMinutes = [{ cpuPercent: 50 }, ...last(2, { cpuPercent: 90 })];
    expect(decide(plan(), steady(4), twoMinutes, night).size).toBe(4);
  });

  it('removes hosts after fifteen minutes below nine tenths of the target, by the busiest of them', () => {
    const quiet = [{ cpuPercent: 30 }, ...last(14, { cpuPercent: 20 })];
    expect(decide(plan(), steady(10), quiet, night).size).toBe(6);
    expect(decide(plan(), steady(10), last(15, { cpuPercent: 45 }), night).size).toBe(10);
    expect(decide(plan(), steady(10), last(14, { cpuPercent: 20 }), night).size).toBe(10);
  });

  it('removes nothing while a host warms up, nor in the fifteen minutes after a change', () => {
    const quiet = last(15, { cpuPercent: 10 });
    expect(decide(plan(), { ...steady(10), warm: 9 }, quiet, night).size).toBe(10);
    expect(decide(plan(), { ...steady(10), minutesUnchanged: 14 }, quiet, night).size).toBe(10);
    expect(decide(plan(), steady(10), quiet, night).size).toBe(3);
  });

  it('does not count hosts that warm up, so an alarm that lasts asks for the same size again', () => {
    const busy = last(3, { cpuPercent: 100 });
    const after = decide(plan(), steady(4), busy, night).size;
    expect(decide(plan(), { size: after, warm: 4, minutesUnchanged: 1 }, busy, night)).toEqual({
      size: after,
      because: 'cpuPercent 100, target 50: enough hosts start',
    });
    expect(decide(plan(), { size: after, warm: after, minutesUnchanged: 5 }, busy, night).size).toBe(16);
  });

  it('has insufficient data while a minute is missing', () => {
    expect(decide(plan(), steady(4), [{ cpuPercent: 90 }, {}, { cpuPercent: 90 }], night).size).toBe(4);
  });
});

describe('several policies', () => {
  const two = plan({
    tracking: [
      { metric: 'cpuPercent', target: 50, scaleIn: true },
      { metric: 'requestsPerMinute', target: 1000, scaleIn: true },
    ],
  });

  it('give the largest size that one of them wants', () => {
    expect(decide(two, steady(4), last(3, { cpuPercent: 75, requestsPerMinute: 3000 }), night).size).toBe(12);
  });

  it('remove hosts only if all that may do so agree, and no more than each allows', () => {
    const quiet = (requestsPerMinute: number) => last(15, { cpuPercent: 10, requestsPerMinute });
    expect(decide(two, steady(10), quiet(950), night).size).toBe(10);
    expect(decide(two, steady(10), quiet(500), night).size).toBe(5);
  });

  it('leave the removal to others if they may only add', () => {
    const network = plan({
      tracking: [...plan().tracking, { metric: 'networkOutBytesPerMinute', target: 1000, scaleIn: false }],
    });
    const quiet = last(15, { cpuPercent: 20, networkOutBytesPerMinute: 990 });
    expect(decide(network, steady(10), quiet, night).size).toBe(4);
    const full = last(15, { cpuPercent: 20, networkOutBytesPerMinute: 1500 });
    expect(decide(network, steady(10), full, night).size).toBe(15);
  });
});

describe('steps', () => {
  const stepped = plan({
    tracking: [],
    steps: [
      {
        metric: 'eventLoopPercent',
        threshold: 75,
        minutes: 2,
        adjustments: [
          { aboveThresholdBy: 0, addPercent: 50 },
          { aboveThresholdBy: 15, addPercent: 100 },
        ],
      },
    ],
  });
  const busy = (eventLoopPercent: number) => last(2, { eventLoopPercent });

  it('add by the size of the breach', () => {
    expect(decide(stepped, steady(6), busy(80), night).size).toBe(9);
    expect(decide(stepped, steady(6), busy(91), night).size).toBe(12);
    expect(decide(stepped, steady(6), busy(75), night).size).toBe(6);
    expect(decide(stepped, steady(6), [{ eventLoopPercent: 99 }], night).size).toBe(6);
  });

  it('round parts of hosts down, but add one at least', () => {
    const one = plan({ minimum: 1, steps: stepped.steps, tracking: [] });
    expect(decide(one, steady(1), busy(80), night).size).toBe(2);
    expect(decide(one, steady(3), busy(80), night).size).toBe(4);
  });

  it('remove nothing', () => {
    expect(decide(stepped, steady(6), last(60, { eventLoopPercent: 1 }), night).size).toBe(6);
  });

  it('ignore a metric whose guard is not reached: slow hosts that are idle wait for something else', () => {
    const slow = (cpuPercent: number) => last(3, { cpuPercent, eventLoopPercent: 10, p95Seconds: 3 });
    expect(decide(readScaling, steady(6), slow(45), night).because).not.toMatch('p95');
    expect(decide(readScaling, steady(6), slow(61), night)).toEqual({
      size: 9,
      because: 'p95Seconds 3, above 0.25',
    });
  });
});

describe('the minimum', () => {
  const hours = (iso: string) => minimumAt(webScaling, new Date(iso));

  it('is higher in business hours of its time zone, in summer and in winter', () => {
    expect(['2026-01-15T12:29:00Z', '2026-01-15T12:30:00Z'].map(hours)).toEqual([3, 12]);
    expect(['2026-07-15T11:29:00Z', '2026-07-15T11:30:00Z'].map(hours)).toEqual([3, 12]);
    expect(['2026-01-16T01:29:00Z', '2026-01-16T01:30:00Z'].map(hours)).toEqual([12, 3]);
  });

  it('stays at weekends', () => {
    expect(['2026-01-17T17:00:00Z', '2026-01-18T17:00:00Z', '2026-01-19T17:00:00Z'].map(hours)).toEqual([
      3, 3, 12,
    ]);
  });

  it('raises a group at once, and lets it shrink only by its policies', () => {
    const morning = new Date('2026-01-15T12:30:00Z');
    expect(decide(webScaling, steady(3), [], morning)).toEqual({
      size: 12,
      because: '12 is the minimum at this hour',
    });
    expect(decide(webScaling, steady(6), last(3, { cpuPercent: 48 }), night).size).toBe(6);
  });
});

test.each([
  ['web', webScaling],
  ['read', readScaling],
  ['write', writeScaling],
] as const)('%s hosts are never fewer than the minimum nor more than the maximum', (_name, scaling) => {
  const value = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }), { nil: undefined });
  const minute = fc.record({
    cpuPercent: value(100),
    requestsPerMinute: value(1e7),
    networkOutBytesPerMinute: value(1e11),
    eventLoopPercent: value(100),
    p95Seconds: value(30),
  }) as fc.Arbitrary<MinuteOfMetrics>;
  fc.assert(
    fc.property(
      fc.array(minute, { maxLength: 20 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
      (minutes, size, warm, now) => {
        const group = { size, warm: Math.min(size, warm), minutesUnchanged: 60 };
        const decision = decide(scaling, group, minutes, now);
        expect(decision.size).toBeGreaterThanOrEqual(minimumAt(scaling, now));
        expect(decision.size).toBeLessThanOrEqual(scaling.maximum);
      },
    ),
  );
});
