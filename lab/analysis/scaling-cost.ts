import type { ScalingPlan } from '../../lib/scaling/scaling-plan';
import { PLANS, TIERS, type Tier } from '../simulation/fleet';
import { DAYS, type Scenario } from '../simulation/scenarios';
import { simulate } from '../simulation/simulate';
import { shedShare } from './scaling-bounds';

/** Groups that scale, or that are fixed at the size that one kind of day needs. */
export interface Fleet {
  readonly name: string;
  readonly plans: Readonly<Record<Tier['name'], ScalingPlan>>;
}

/** Of all groups in one day, or in a month of 30 days. */
interface Cost {
  readonly usd: number;
  /** Of the requests to the tier that sheds most. */
  readonly shed: number;
}

const [BUSINESS, WEEKEND, SALE] = DAYS as readonly [Scenario, Scenario, Scenario];

export const FLEETS: readonly Fleet[] = [
  { name: 'scaling', plans: PLANS },
  { name: 'fixed for business', plans: fixedFor(BUSINESS) },
  { name: 'fixed for a sale', plans: fixedFor(SALE) },
];

/** The number of days of each kind in a month. */
const MONTH: readonly (readonly [Scenario, number])[] = [
  [BUSINESS, 21],
  [WEEKEND, 8],
  [SALE, 1],
];

export interface DayCosts {
  readonly day: string;
  /** One for each of `FLEETS`. */
  readonly costs: readonly Cost[];
}

/** The cost of each kind of day, and of a month of them. */
export function costsOfDays(): DayCosts[] {
  const days = DAYS.map((day) => ({ day, costs: FLEETS.map(({ plans }) => costOf(plans, day)) }));
  const month = FLEETS.map((_, fleet) => {
    const costs = MONTH.map(([day, times]) => {
      const cost = days.find((one) => one.day === day)?.costs[fleet] ?? { usd: 0, shed: 0 };
      return { usd: cost.usd * times, shed: cost.shed };
    });
    return {
      usd: costs.reduce((sum, { usd }) => sum + usd, 0),
      shed: Math.max(...costs.map(({ shed }) => shed)),
    };
  });
  return [...days.map(({ day, costs }) => ({ day: day.name, costs })), { day: 'month', costs: month }];
}

function costOf(plans: Fleet['plans'], day: Scenario): Cost {
  const tiers = TIERS.map((tier) => simulate(tier, plans[tier.name], day));
  return {
    usd: tiers.reduce((sum, { usd }) => sum + usd, 0),
    shed: Math.max(...tiers.map(({ minutes }) => shedShare(minutes))),
  };
}

/** As many hosts as keep the CPU at the target of the plan at the highest load of a day, in three zones. */
function fixedFor({ load, minutes }: Scenario): Fleet['plans'] {
  const peak = Math.max(...Array.from({ length: minutes }, (_, minute) => load(minute * 60).rate));
  const plans = TIERS.map((tier) => {
    const plan = PLANS[tier.name];
    const target = plan.tracking.find(({ metric }) => metric === 'cpuPercent')?.target ?? 50;
    const hosts = Math.ceil((peak * tier.cpuSeconds) / tier.cores / (target / 100));
    return [tier.name, fixedAt(plan, Math.max(3, Math.ceil(hosts / 3) * 3))] as const;
  });
  return Object.fromEntries(plans) as Fleet['plans'];
}

function fixedAt({ instanceType, warmUpSeconds }: ScalingPlan, hosts: number): ScalingPlan {
  return { instanceType, warmUpSeconds, minimum: hosts, maximum: hosts, tracking: [], steps: [] };
}
