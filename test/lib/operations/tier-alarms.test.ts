import { App, Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { WatchedGroup } from '../../../lib/compute/tiers';
import { tierAlarms } from '../../../lib/operations/tier-alarms';

const group = (id: WatchedGroup['id']): WatchedGroup => ({
  id,
  autoScalingGroupName: `asg-${id}`,
  targetGroupFullName: `targetgroup/${id}/1`,
  instances: 3,
});
const alarms = tierAlarms({
  watched: [
    { id: 'Web', fullName: 'app/web/1', groups: [group('Web')] },
    { id: 'App', fullName: 'app/app/1', groups: [group('Read'), group('Write')] },
  ],
  rolloutFunction: LambdaFunction.fromFunctionName(new Stack(new App()), 'Rollout', 'rollout'),
});
const named = (id: string) => {
  const alarm = alarms.find((one) => one.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return { ...alarm, metric: alarm.metric as Metric };
};

test('each balancer and each group is watched for what it can run out of', () => {
  const ids = (end: RegExp) => alarms.map(({ id }) => id).filter((id) => end.test(id));
  expect(ids(/Balancer/)).toEqual([
    'WebBalancerErrors',
    'WebBalancerRejects',
    'AppBalancerErrors',
    'AppBalancerRejects',
  ]);
  for (const kind of ['Errors', 'Slow', 'Unhealthy', 'Hosts', 'Cpu', 'CpuCredits'])
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
  expect(silent).toEqual(['WebHosts', 'ReadHosts', 'ReadMemory', 'WriteHosts', 'WriteMemory']);
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
