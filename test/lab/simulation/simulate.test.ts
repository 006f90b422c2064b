import fc from 'fast-check';
import { added, minutesUntilWhole, returns } from '../../../lab/analysis/scaling-bounds';
import { seeded } from '../../../lab/load/random';
import { PLANS, TIERS, type Tier } from '../../../lab/simulation/fleet';
import { AT, partOfDay, rise } from '../../../lab/simulation/scenarios';
import { simulate } from '../../../lab/simulation/simulate';
import type { ScalingPlan } from '../../../lib/scaling/scaling-plan';
import { runs } from '../../support/rounds';

const tierNamed = (name: Tier['name']) => TIERS.find((tier) => tier.name === name) as Tier;
const web = tierNamed('web');
const at = AT * 60;

/** An hour of a day and a load, from a quiet shop to one that has outgrown its usual day. */
const circumstances = fc.record({
  hour: fc.double({ min: 0, max: 22, noNaN: true }),
  weekend: fc.boolean(),
  level: fc.double({ min: 0.2, max: 1.3, noNaN: true }),
});

describe.each(TIERS.map((tier) => [tier.name, tier] as const))('%s, at any hour and load', (name, tier) => {
  it('serves a spike of 3 x whole after at most 10 minutes', () => {
    fc.assert(
      fc.property(circumstances, ({ level, ...part }) => {
        const spike = partOfDay('spike', { ...part, minutes: 90 }, (rate, second) => ({
          rate: rate * level * rise(3, at, 300)(second),
        }));
        expect(minutesUntilWhole(simulate(tier, PLANS[name], spike))).toBeLessThanOrEqual(10);
      }),
      runs(60),
    );
  });

  it('adds at most two hosts again in five hours of a load that trembles by a tenth from minute to minute', () => {
    fc.assert(
      fc.property(circumstances, fc.integer(), ({ level, weekend }, seed) => {
        const random = seeded(seed);
        const noise = Array.from({ length: 300 }, () => 0.9 + 0.2 * random());
        const trembling = partOfDay('trembling', { hour: 10, minutes: 300, weekend }, (_, second) => ({
          rate: 7_000 * level * (noise[Math.floor(second / 60)] ?? 1),
        }));
        expect(returns(simulate(tier, PLANS[name], trembling))).toBeLessThanOrEqual(2);
      }),
      runs(40),
    );
  });

  it('is never below its minimum nor above its maximum, and sheds nothing while its CPU has room', () => {
    const factors = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(circumstances, factors, ({ hour, weekend }, each) => {
        const wild = partOfDay('wild', { hour, minutes: 180, weekend }, (rate, second) => ({
          rate: rate * (each[Math.floor(second / 900) % each.length] ?? 1),
        }));
        for (const { size, shed, cpuPercent } of simulate(tier, PLANS[name], wild).minutes) {
          expect(size).toBeGreaterThanOrEqual(PLANS[name].minimum);
          expect(size).toBeLessThanOrEqual(PLANS[name].maximum);
          if (shed > 1) expect(cpuPercent).toBeGreaterThan(50);
        }
      }),
      runs(40),
    );
  });
});

test.each(['read', 'write'] as const)(
  'a slow database adds no %s hosts, however slow and whenever',
  (name) => {
    fc.assert(
      fc.property(
        circumstances,
        fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        ({ level, ...part }, answered) => {
          const scenario = (share: number) =>
            partOfDay('slow', { ...part, minutes: 120 }, (rate, second) => ({
              rate: rate * level,
              answered: second >= at && second < 2 * at ? share : 1,
            }));
          const [slow, usual] = [answered, 1].map((share) =>
            added(simulate(tierNamed(name), PLANS[name], scenario(share))),
          );
          expect(slow).toBeLessThanOrEqual(usual ?? 0);
        },
      ),
      runs(60),
    );
  },
);

describe('the model', () => {
  const fixed = (hosts: number): ScalingPlan => ({
    ...{ instanceType: 'c7g.medium', minimum: hosts, maximum: hosts, warmUpSeconds: 360 },
    ...{ tracking: [], steps: [] },
  });
  const steady = (rate: number) => partOfDay('steady', { hour: 12, minutes: 60 }, () => ({ rate }));
  const capacity = 3 / web.cpuSeconds;

  it('sheds what is beyond the capacity of the hosts, and what comes again', () => {
    const { minutes } = simulate(web, fixed(3), steady(1.2 * capacity));
    const last = minutes.at(-1);
    // A fifth is refused, half of that comes again and is refused too, and so on.
    expect((last?.shed ?? 0) / capacity).toBeCloseTo(0.4, 2);
    expect(last?.cpuPercent).toBeCloseTo(100);
    expect(simulate(web, fixed(3), steady(0.9 * capacity)).minutes.some(({ shed }) => shed > 0)).toBe(false);
  });

  it('uses CPU in proportion to the load, and costs hosts by their hours', () => {
    const { minutes, usd } = simulate(web, fixed(3), steady(capacity / 4));
    expect(minutes.at(-1)?.cpuPercent).toBeCloseTo(25);
    expect(usd).toBeCloseTo(3 * (0.0363 + 2.9 / 730));
  });

  it('loses the requests of a failed zone for a minute, and replaces its hosts after five', () => {
    const scenario = { ...steady(capacity / 2), zoneFails: 600 };
    const { minutes } = simulate(web, fixed(3), scenario);
    expect(
      minutes.map(({ shed }, minute) => (shed > 0 ? minute : -1)).filter((minute) => minute >= 0),
    ).toEqual([10]);
    expect(minutes.map(({ serving }) => serving).slice(9, 16)).toEqual([3, 2, 2, 2, 2, 3, 3]);
    expect(minutes[11]?.cpuPercent).toBeCloseTo(75);
  });

  it('replaces hosts in a release without having fewer, each new host before an old one', () => {
    const scenario = { ...steady(capacity / 2), release: { second: 600, suspends: false } };
    const { minutes } = simulate(web, fixed(6), scenario);
    expect(Math.min(...minutes.map(({ serving }) => serving))).toBe(6);
    expect(Math.max(...minutes.map(({ serving }) => serving))).toBe(8);
  });

  it('knows that a rolling update suspends the policies: a spike waits for the release to end', () => {
    const spike = partOfDay('spike', { hour: 12, minutes: 120, weekend: true }, (rate, second) => ({
      rate: rate * rise(3, at, 300)(second),
    }));
    const release = (suspends: boolean) => ({ ...spike, release: { second: at - 120, suspends } });
    const whole = (suspends: boolean) => minutesUntilWhole(simulate(web, PLANS.web, release(suspends)));
    expect(whole(false)).toBeLessThanOrEqual(10);
    expect(whole(true)).toBeGreaterThan(15);
  });
});
