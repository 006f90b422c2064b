import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { shopperObjectives } from '../../../../lib/operations/objectives/bad-answers';
import {
  badShare,
  burnRates,
  objectives,
  serviceObjective,
} from '../../../../lib/operations/objectives/objectives';
import { measuredObjective } from '../../../../lib/operations/objectives/service-answers';
import { phases } from '../../../../lib/phases';
import { behindTheCdn } from '../../../../review/availability/availability';
import { SERVICE_LEVELS } from '../../../../review/availability/service-levels';

const measured = shopperObjectives({ webBalancer: { fullName: 'app/web/1' }, namespace: 'Shop' });
const fiveMinutes = Duration.minutes(5);
const ofServices = [serviceObjective('users'), serviceObjective('inventory')];
const MONTH_MINUTES = 30 * 24 * 60;

test('an alarm comes when a stated share of the month’s budget is spent: 2% in an hour, 10% in a day', () => {
  const spent = burnRates.map(({ rate, longMinutes }) => (rate * longMinutes) / MONTH_MINUTES);
  expect(spent).toEqual([expect.closeTo(0.02), expect.closeTo(0.1)]);
});

test('the short window is a twelfth of the long one, so that an alarm ends soon after its cause', () => {
  for (const { longMinutes, shortMinutes } of burnRates) expect(longMinutes / shortMinutes).toBe(12);
});

test('a shop that answers nothing has an alarm within five minutes, and a burn that the budget allows has none', () => {
  for (const objective of [...objectives, ...ofServices]) {
    const [fast, slow] = burnRates.map(({ rate }) => badShare(objective, rate));
    // The hour before was whole: so many of its minutes must be lost until its share is reached.
    expect((60 * (fast ?? 0)) / 100).toBeLessThan(5);
    expect(slow).toBeGreaterThan(100 - objective.target);
  }
});

test('no period is longer than CloudWatch takes: a day', () => {
  for (const { longMinutes } of burnRates) expect(longMinutes * 60).toBeLessThanOrEqual(86_400);
});

test('the shop promises no more than AWS does for the parts behind the CDN', () => {
  const observed = phases.filter(({ monitoring }) => monitoring === 'objectives');
  expect(observed.length).toBeGreaterThan(0);
  for (const phase of observed)
    for (const { target } of objectives) expect(behindTheCdn(phase) * 100).toBeGreaterThan(target);
});

test('both services together promise what the shop does to shoppers, and neither more than AWS', () => {
  const together = ofServices.reduce((share, { target }) => share * (target / 100), 1);
  for (const { target } of objectives) expect(together * 100).toBeCloseTo(target, 3);
  const { balancer, instances, databases } = SERVICE_LEVELS;
  const parts = balancer.share * instances.share * databases.share;
  for (const { target } of ofServices) expect(parts * 100).toBeGreaterThan(target);
});

test.each(measured)('$id is the share of bad answers among all, and few of them say nothing', (objective) => {
  const { expression, usingMetrics } = objective.badAnswers(fiveMinutes);
  const metrics = Object.values(usingMetrics) as Metric[];
  const value = evaluate(expression, Object.keys(usingMetrics));
  const of = (bad: number, all: number) =>
    value({
      ...{ requests: all, errors: bad, unanswered: 0, late: 0 },
      ...{ [`all${objective.id}`]: all, [`bad${objective.id}`]: bad },
    });
  expect(of(0, 1000)).toBe(0);
  expect(of(10, 20)).toBe(0);
  expect(of(15, 1000)).toBeCloseTo(1.5);
  expect(of(1000, 1000)).toBe(100);
  for (const { period } of metrics) expect(period.toSeconds()).toBe(300);
});

test('late answers, and those of the balancer itself, are bad ones', () => {
  const [browse] = measured;
  if (!browse) throw new Error('somebody browses');
  const { expression, usingMetrics } = browse.badAnswers(fiveMinutes);
  const value = evaluate(expression, Object.keys(usingMetrics));
  expect(value({ requests: 900, errors: 0, unanswered: 100, late: 0 })).toBe(10);
  expect(value({ requests: 1000, errors: 0, unanswered: 0, late: 50 })).toBe(5);
  expect(usingMetrics.late).toMatchObject({ metricName: 'TargetResponseTime', statistic: 'TC(1:)' });
});

describe('the objective of a service', () => {
  const at = (group: 'usersRead' | 'usersWrite') => ({
    ...{ group, fullName: 'app/app/1', targetGroupFullName: `targetgroup/${group}/1` },
  });
  const users = measuredObjective({
    name: 'users',
    answers: [at('usersRead'), at('usersWrite')],
    calls: [at('usersRead')],
  });
  const { expression, usingMetrics } = users.badAnswers(fiveMinutes);
  const value = evaluate(expression, Object.keys(usingMetrics));
  /** Of the read group, with a write group that answers all of its requests right. */
  const of = (counts: Readonly<Record<string, number>>) => value({ requests2: 1000, c2XX2: 1000, ...counts });

  test('counts as bad all that was not answered right: errors, silence, and answers that came late', () => {
    expect(of({ requests1: 1000, c2XX1: 900, c3XX1: 50, c4XX1: 50 })).toBe(0);
    expect(of({ requests1: 1000, c2XX1: 900 })).toBe(5);
    expect(of({ requests1: 1000 })).toBe(50);
    expect(of({ requests1: 1000, c2XX1: 1000, late1: 200 })).toBe(10);
  });

  test('says nothing about a service that nobody asks, or that answers what it was asked a period before', () => {
    expect(value({})).toBe(0);
    expect(of({ requests1: 1000, c2XX1: 1020 })).toBe(0);
  });

  test('has no more metrics than an alarm takes, all of its own groups at the balancer of clients', () => {
    const metrics = Object.values(usingMetrics) as Metric[];
    expect(metrics).toHaveLength(10);
    for (const { dimensions } of metrics)
      expect(dimensions).toEqual({
        LoadBalancer: 'app/app/1',
        TargetGroup: expect.stringMatching(/^targetgroup\/users(Read|Write)\/1$/),
      });
  });
});

/** Metric math, as far as the objectives use it. */
function evaluate(expression: string, names: readonly string[]) {
  const fill = (value: number | undefined, otherwise: number) => value ?? otherwise;
  const choose = (condition: boolean, then: number, otherwise: number) => (condition ? then : otherwise);
  const code = `return ${expression.replaceAll('IF(', 'choose(')}`;
  const compiled = new Function('FILL', 'choose', ...names, code);
  return (values: Readonly<Record<string, number>>): number =>
    compiled(fill, choose, ...names.map((name) => values[name]));
}
