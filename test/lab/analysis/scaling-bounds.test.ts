import { BOUNDS, measureBounds } from '../../../lab/analysis/scaling-bounds';
import { PLANS, type Plans, type Tier } from '../../../lab/simulation/fleet';
import type { ScalingPlan } from '../../../lib/scaling/scaling-plan';

test.each(measureBounds(PLANS).map((measured) => [measured.tier, measured.bound.name, measured] as const))(
  '%s: %s',
  (_tier, _name, { value, bound }) => {
    expect(value).toBeLessThanOrEqual(bound.limit);
  },
);

type Mutation = (plan: ScalingPlan) => ScalingPlan;

const withoutTracking =
  (metric: string): Mutation =>
  (plan) => ({ ...plan, tracking: plan.tracking.filter((policy) => policy.metric !== metric) });
const withoutStep =
  (metric: string): Mutation =>
  (plan) => ({ ...plan, steps: plan.steps.filter((policy) => policy.metric !== metric) });
const withoutBusinessHours: Mutation = ({ businessHours: _, ...plan }) => plan;

/** A policy of a tier that is broken, and the beginning of the bound that fails. */
const BROKEN: readonly (readonly [string, Tier['name'], Mutation, string])[] = [
  ['no CPU tracking', 'web', withoutTracking('cpuPercent'), 'requests that cost more'],
  ['no CPU tracking', 'read', withoutTracking('cpuPercent'), 'after a sale'],
  ['no CPU tracking', 'write', withoutTracking('cpuPercent'), 'requests that cost more'],
  ['a CPU target of 75 %', 'web', cpuTarget(75), 'requests that cost more'],
  ['a CPU target of 75 %', 'read', cpuTarget(75), 'nothing flaps'],
  ['a CPU target of 75 %', 'write', cpuTarget(75), 'requests that cost more'],
  ['no request tracking', 'web', withoutTracking('requestsPerMinute'), 'even 8 x'],
  ['no network tracking', 'web', withoutTracking('networkOutBytesPerMinute'), 'no host sends more'],
  ['network tracking without a say in removals', 'web', networkMayNotRemove, 'nothing flaps'],
  ['no event-loop steps', 'read', withoutStep('eventLoopPercent'), '4 x at once'],
  ['no event-loop steps', 'write', withoutStep('eventLoopPercent'), 'a rush of buyers'],
  ['slow event-loop steps', 'read', steps({ minutes: 5 }), '4 x at once'],
  ['no latency steps', 'read', withoutStep('p95Seconds'), 'requests that take long'],
  ['no latency steps', 'write', withoutStep('p95Seconds'), 'requests that take long'],
  ['latency without its guard', 'read', steps({ onlyAboveCpuPercent: 0 }), 'a slow database'],
  ['latency without its guard', 'write', steps({ onlyAboveCpuPercent: 0 }), 'a slow database'],
  ['a warm-up that ends too early', 'web', changed({ warmUpSeconds: 240 }), 'no event buys'],
  ['a warm-up that ends too early', 'read', changed({ warmUpSeconds: 240 }), 'no event buys'],
  ['a long warm-up', 'read', changed({ warmUpSeconds: 900 }), 'even 8 x'],
  ['a minimum of two', 'web', changed({ minimum: 2 }), 'a group has a host in each zone'],
  ['a minimum of two', 'read', changed({ minimum: 2 }), 'a group has a host in each zone'],
  ['a minimum of two', 'write', changed({ minimum: 2 }), 'a group has a host in each zone'],
  ['a small maximum', 'web', changed({ maximum: 6 }), 'even 8 x'],
  ['a small maximum', 'read', changed({ maximum: 9 }), 'even 8 x'],
  ['a small maximum', 'write', changed({ maximum: 4 }), 'a rush of buyers'],
  ['no business hours', 'web', withoutBusinessHours, 'a spike of 3 x in business hours'],
  ['no business hours', 'read', withoutBusinessHours, 'a spike of 3 x in business hours'],
  ['business hours of another time zone', 'web', hours('America/Los_Angeles'), 'the hosts of business hours'],
  ['business hours of another time zone', 'read', hours('UTC'), 'the hosts of business hours'],
];

test.each(BROKEN)('%s in the %s tier fails a bound', (_what, tier, mutation, bound) => {
  const plans: Plans = { ...PLANS, [tier]: mutation(PLANS[tier]) };
  expect(plans[tier]).not.toEqual(PLANS[tier]);
  const [told] = BOUNDS.filter(({ name, tiers }) => name.startsWith(bound) && tiers.includes(tier));
  expect(told).toBeDefined();
  if (told) expect(measureBounds(plans, [{ ...told, tiers: [tier] }])).toMatchObject([{ holds: false }]);
});

function cpuTarget(target: number): Mutation {
  return (plan) => ({
    ...plan,
    tracking: plan.tracking.map((policy) =>
      policy.metric === 'cpuPercent' ? { ...policy, target } : policy,
    ),
  });
}

function networkMayNotRemove(plan: ScalingPlan): ScalingPlan {
  return {
    ...plan,
    tracking: plan.tracking.map((policy) =>
      policy.metric === 'networkOutBytesPerMinute' ? { ...policy, scaleIn: false } : policy,
    ),
  };
}

function steps(change: Partial<ScalingPlan['steps'][number]>): Mutation {
  return (plan) => ({ ...plan, steps: plan.steps.map((policy) => ({ ...policy, ...change })) });
}

function changed(change: Partial<ScalingPlan>): Mutation {
  return (plan) => ({ ...plan, ...change });
}

function hours(timeZone: string): Mutation {
  return ({ businessHours, ...plan }) => ({
    ...plan,
    ...(businessHours && { businessHours: { ...businessHours, timeZone } }),
  });
}
