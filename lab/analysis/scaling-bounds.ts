import { minimumAt } from '../../lib/scaling/policy-decisions';
import { PLANS, type Plans, TIERS, type Tier } from '../simulation/fleet';
import { AT, DAYS, EVENTS, type Scenario } from '../simulation/scenarios';
import { type Simulated, type SimulatedMinute, simulate } from '../simulation/simulate';

/** A promise about the groups, and what is measured of it on the tiers it is made for. */
export interface Bound {
  readonly name: string;
  /** The largest value that keeps it. */
  readonly limit: number;
  readonly tiers: readonly Tier['name'][];
  /** True if its load is made for the demands of `TIERS`, and says nothing with others. */
  readonly tuned?: boolean;
  readonly measure: (look: Look) => number;
}

/** A tier with its plan, and its simulation in a scenario. */
interface Look {
  readonly tier: Tier;
  readonly plans: Plans;
  readonly run: (scenario: Scenario) => Simulated;
}

const all = ['web', 'read', 'write'] as const;
const app = ['read', 'write'] as const;

export const BOUNDS: readonly Bound[] = [
  {
    name: 'a spike of 3 x within five minutes is served whole after 10 minutes',
    ...{ limit: 10, tiers: all },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.spike)),
  },
  {
    name: 'a rush of buyers is served whole after 8 minutes',
    ...{ limit: 8, tiers: ['write'], tuned: true },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.buyers)),
  },
  {
    name: 'even 8 x within five minutes is served whole after 10 minutes by nginx, which counts requests',
    ...{ limit: 10, tiers: ['web'] },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.surge)),
  },
  {
    name: 'even 8 x within five minutes is served whole after 15 minutes by the app, which doubles twice',
    ...{ limit: 15, tiers: ['read'] },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.surge)),
  },
  {
    name: '4 x at once is served whole after 8 minutes',
    ...{ limit: 8, tiers: ['read'], tuned: true },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.crowd)),
  },
  {
    name: 'a release delays no host that a spike needs',
    ...{ limit: 10, tiers: all },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.release)),
  },
  {
    name: 'a spike of 3 x in business hours sheds nothing in any minute',
    ...{ limit: 0, tiers: all },
    measure: ({ run }) => Math.max(...run(EVENTS.morning).minutes.map((minute) => shedShare([minute]))),
  },
  {
    name: 'a failed zone sheds nothing after a minute',
    ...{ limit: 1, tiers: all },
    measure: ({ run }) => minutesUntilWhole(run(EVENTS.zone)),
  },
  {
    name: 'a slow database adds no app servers',
    ...{ limit: 0, tiers: app },
    measure: ({ run }) => added(run(EVENTS.slowDatabase)),
  },
  {
    name: 'requests that take long are answered in time after 7 minutes',
    ...{ limit: 7, tiers: app, tuned: true },
    measure: ({ run, tier }) => last(run(longRequests(tier)), ({ p95Seconds }) => p95Seconds > 0.25),
  },
  {
    name: 'requests that cost more leave no group above the CPU that it tracks',
    ...{ limit: 1, tiers: all, tuned: true },
    measure: ({ run, tier }) =>
      (run(longRequests(tier)).minutes.at(-1)?.cpuPercent ?? 100) / cpuTarget(PLANS[tier.name]),
  },
  {
    name: 'no host sends more than it can sustain for over 15 minutes',
    ...{ limit: 15, tiers: all },
    measure: ({ run }) => last(run(EVENTS.longAnswers), ({ bytesOut }) => bytesOut * 8 > SUSTAINED_BITS),
  },
  {
    name: 'no event buys more than 1.3 times the hosts that it needs',
    ...{ limit: 1.3, tiers: ['web', 'read'], tuned: true },
    measure: ({ run, tier }) =>
      Math.max(...[EVENTS.spike, EVENTS.crowd].map((event) => overshoot(run(event), event, tier))),
  },
  {
    name: 'nothing flaps: no host is removed and added again',
    ...{ limit: 0, tiers: all },
    measure: ({ run }) => sum([...DAYS, ...Object.values(EVENTS)].map((scenario) => returns(run(scenario)))),
  },
  {
    name: 'a group has a host in each zone at any time',
    ...{ limit: 0, tiers: all },
    measure: ({ run }) => sum(DAYS.map((day) => run(day).minutes.filter(({ size }) => size < 3).length)),
  },
  {
    name: 'the hosts of business hours answer from 8:00 to 20:00 in New York',
    ...{ limit: 0, tiers: ['web', 'read'] },
    measure: ({ run, tier }) => {
      const { minutes } = run(BUSINESS_DAY);
      const least = PLANS[tier.name].businessHours?.minimum ?? 0;
      return minutes.slice(8 * 60, 20 * 60).filter(({ serving }) => serving < least).length;
    },
  },
  {
    name: 'after a sale each group is as small as before, by midnight',
    ...{ limit: 0, tiers: all },
    measure: ({ run, tier }) =>
      (run(SALE).minutes.at(-1)?.size ?? 0) - minimumAt(PLANS[tier.name], SALE.start),
  },
];

const longRequests = ({ name }: Tier): Scenario => (name === 'write' ? EVENTS.photos : EVENTS.searches);
const [BUSINESS_DAY, , SALE] = DAYS as readonly [Scenario, Scenario, Scenario];
/** Of a c7g.medium, by EC2's specifications. */
const SUSTAINED_BITS = 0.52e9;

export interface Measured {
  readonly bound: Bound;
  readonly tier: Tier['name'];
  readonly value: number;
  readonly holds: boolean;
}

/** Each bound on each of its tiers. */
export function measureBounds(
  plans: Plans,
  bounds: readonly Bound[] = BOUNDS,
  tiers: readonly Tier[] = TIERS,
): Measured[] {
  const looks = new Map(tiers.map((tier) => [tier.name, lookAt(tier, plans)]));
  return bounds.flatMap((bound) =>
    bound.tiers.map((tier) => {
      const value = bound.measure(looks.get(tier) as Look);
      return { bound, tier, value, holds: value <= bound.limit };
    }),
  );
}

function lookAt(tier: Tier, plans: Plans): Look {
  const known = new Map<Scenario, Simulated>();
  const run = (scenario: Scenario) => {
    const result = known.get(scenario) ?? simulate(tier, plans[tier.name], scenario);
    known.set(scenario, result);
    return result;
  };
  return { tier, plans, run };
}

/** Minutes after the event until nothing is shed any more. */
export const minutesUntilWhole = (simulated: Simulated): number =>
  last(simulated, ({ shed, offered }) => shed > offered / 1000);

/** Minutes after the event until something is so no more. */
function last({ minutes }: Simulated, is: (minute: SimulatedMinute) => boolean): number {
  const found = minutes.findLast(is);
  return found ? Math.max(0, found.minute + 1 - AT) : 0;
}

export function shedShare(minutes: readonly SimulatedMinute[]): number {
  return sum(minutes.map(({ shed }) => shed)) / sum(minutes.map(({ offered }) => offered));
}

/** The most hosts that are wanted beyond those before the event. */
export function added({ minutes }: Simulated): number {
  const before = minutes[AT - 1]?.size ?? 0;
  return Math.max(...minutes.map(({ size }) => size)) - before;
}

/** Hosts that are added after others were removed. */
export function returns({ minutes }: Simulated): number {
  let [removed, again] = [false, 0];
  minutes.forEach(({ size }, at) => {
    const change = size - (minutes[at - 1]?.size ?? size);
    if (change > 0 && removed) again += change;
    if (change < 0) removed = true;
  });
  return again;
}

/** The largest size, as a multiple of what holds the load at its end at the target. */
function overshoot({ minutes }: Simulated, scenario: Scenario, tier: Tier): number {
  const { rate } = scenario.load((AT + 10) * 60);
  const needed = Math.ceil((rate * tier.cpuSeconds) / tier.cores / (cpuTarget(PLANS[tier.name]) / 100));
  return Math.max(...minutes.map(({ size }) => size)) / needed;
}

const cpuTarget = ({ tracking }: Plans[Tier['name']]): number =>
  tracking.find(({ metric }) => metric === 'cpuPercent')?.target ?? 100;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
