import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { WatchedGroup } from '../../../lib/compute/tiers';
import { tierAlarms } from '../../../lib/operations/tier-alarms';
import { uncheckedApp } from '../../support/unchecked-app';

const group = (id: WatchedGroup['id']): WatchedGroup => ({
  id,
  name: id.toLowerCase(),
  autoScalingGroupName: `asg-${id}`,
  targetGroupFullName: `targetgroup/${id}/1`,
  size: { instances: 3, instanceType: 't4g.small', scaling: 'fixed' },
  service: 'all',
});
const watchedTiers = {
  watched: [
    { id: 'Web' as const, fullName: 'app/web/1', groups: [group('Web')] },
    { id: 'App' as const, fullName: 'app/app/1', groups: [group('Read'), group('Write')] },
  ],
  rolloutFunction: LambdaFunction.fromFunctionName(new Stack(uncheckedApp()), 'Rollout', 'rollout'),
};
const alarms = tierAlarms({ ...watchedTiers, namespace: 'Shop', monitoring: 'alarms' });
const named = (id: string) => {
  const alarm = alarms.find((one) => one.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return { ...alarm, metric: alarm.metric as Metric };
};

test('each balancer and each group is watched for what it can run out of', () => {
  const ids = (end: RegExp) => alarms.map(({ id }) => id).filter((id) => end.test(id));
  expect(ids(/Balancer/)).toEqual([
    'WebBalancerErrors',
    'AppBalancerErrors',
    'WebBalancerRejects',
    'AppBalancerRejects',
  ]);
  for (const kind of [
    'Errors',
    'Slow',
    'Unhealthy',
    'Hosts',
    'Cpu',
    'CpuCredits',
    'Memory',
    'Disk',
    'Restarts',
  ])
    expect(ids(new RegExp(`^(Web|Read|Write)${kind}$`))).toEqual([
      `Web${kind}`,
      `Read${kind}`,
      `Write${kind}`,
    ]);
  expect(new Set(alarms.map(({ id }) => id)).size).toBe(alarms.length);
});

test('a group behind a balancer is known by both their names', () => {
  for (const id of ['ReadErrors', 'ReadSlow', 'ReadUnhealthy'])
    expect(named(id).metric.dimensions).toEqual({
      LoadBalancer: 'app/app/1',
      TargetGroup: 'targetgroup/Read/1',
    });
  expect(named('WebBalancerErrors').metric.dimensions).toEqual({ LoadBalancer: 'app/web/1' });
});

test('one host too few is bad news, and so is a group that says nothing', () => {
  expect(named('WriteHosts')).toMatchObject({ threshold: 3, when: 'below', silenceIsBad: true });
  const silent = alarms.filter(({ silenceIsBad }) => silenceIsBad).map(({ id }) => id);
  expect(silent).toEqual(['WebHosts', 'WebMemory', 'ReadHosts', 'ReadMemory', 'WriteHosts', 'WriteMemory']);
});

test('with objectives, nothing has a threshold on errors or latency', () => {
  const left = tierAlarms({ ...watchedTiers, namespace: 'Shop', monitoring: 'objectives' });
  const gone = alarms.filter(({ id }) => !left.some((one) => one.id === id));
  expect(gone.map(({ id }) => id).sort()).toEqual([
    ...['AppBalancerErrors', 'ReadErrors', 'ReadSlow', 'WebBalancerErrors', 'WebErrors', 'WebSlow'],
    ...['WriteErrors', 'WriteSlow'],
  ]);
});

test('refusals are told of when they last longer than a group needs to grow', () => {
  for (const id of ['ReadRefused', 'WriteRefused']) {
    const { metric, threshold, periods, silenceIsBad } = named(id);
    expect([metric.metricName, metric.statistic, threshold]).toEqual([
      'RequestsRefusedPercent',
      'Average',
      1,
    ]);
    expect([metric.period.toMinutes() * periods, silenceIsBad]).toEqual([15, undefined]);
  }
});

test('a process that restarts again and again is told from a roll-out, which takes less than two hours', () => {
  const { metric, threshold, periods, when } = named('ReadRestarts');
  expect([metric.metricName, metric.statistic, when]).toEqual(['ProcessUptimeSeconds', 'Minimum', 'below']);
  expect(metric.period.toMinutes() * periods).toBe(120);
  // Longer than a period: else a process could start and be old again unseen.
  expect(threshold).toBeGreaterThan(metric.period.toSeconds());
});

test('memory is read under the name that the app writes', () => {
  expect(named('ReadMemory').metric).toMatchObject({
    namespace: 'Shop',
    metricName: 'MemoryUsedPercent',
    dimensions: { Role: 'read' },
  });
});

test('a roll-out function that fails is noticed', () => {
  expect(named('RolloutFailed').metric).toMatchObject({ namespace: 'AWS/Lambda', metricName: 'Errors' });
});
