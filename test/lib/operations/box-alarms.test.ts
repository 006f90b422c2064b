import type { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { boxSizes } from '../../../lib/compute/box/instance-types';
import { boxAlarms } from '../../../lib/operations/box-alarms';

const alarms = (name: string) => {
  const size = boxSizes.find((one) => one.name === name);
  if (!size) throw new Error(`no size ${name}`);
  return new Map(
    boxAlarms({ groupName: 'group', size, volumeId: 'vol-1', namespace: 'Shop' }).map((alarm) => [
      alarm.id,
      alarm,
    ]),
  );
};

test('the network alarm follows what the chosen instance sustains', () => {
  expect(alarms('t4g.small').get('Network')?.threshold).toBe(12_800_000);
  expect(alarms('m7g.large').get('Network')?.threshold).toBe(93_700_000);
});

test('credits are watched on instances that have them', () => {
  expect(alarms('t4g.small').has('CpuCredits')).toBe(true);
  expect(alarms('m7g.large').has('CpuCredits')).toBe(false);
});

test('a box that is gone, or an app that says nothing, is bad news', () => {
  const silent = [...alarms('t4g.small').values()].filter(({ silenceIsBad }) => silenceIsBad);
  expect(silent.map(({ id }) => id)).toEqual(['BoxMissing', 'Memory']);
});

test('alarms read metrics of the box under the names that the app writes', () => {
  for (const [id, metricName] of [
    ['Memory', 'MemoryUsedPercent'],
    ['DataDisk', 'DataDiskUsedPercent'],
    ['RootDisk', 'RootDiskUsedPercent'],
  ] as const) {
    const metric = alarms('t4g.small').get(id)?.metric as Metric;
    expect(metric).toMatchObject({ namespace: 'Shop', metricName, dimensions: { Role: 'box' } });
  }
});

test('disk traffic is that of the data volume', () => {
  const metric = alarms('t4g.small').get('DiskOperations')?.metric as MathExpression | undefined;
  const used = Object.values(metric?.usingMetrics ?? {});
  expect(used).toHaveLength(2);
  for (const one of used)
    expect(one).toMatchObject({ namespace: 'AWS/EBS', dimensions: { VolumeId: 'vol-1' } });
});

test('every size is named once and sustains something', () => {
  expect(new Set(boxSizes.map(({ name }) => name)).size).toBe(boxSizes.length);
  for (const { name, baselineGbps } of boxSizes) expect([name, baselineGbps > 0]).toEqual([name, true]);
});
