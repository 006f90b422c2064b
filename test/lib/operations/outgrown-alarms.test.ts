import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { outgrownAlarms } from '../../../lib/operations/outgrown-alarms';
import { phaseNumbered, phases } from '../../../lib/phases';

const alarmsOf = (number: number) => {
  const signs = phaseNumbered(number)?.outgrownBy ?? [];
  return outgrownAlarms({ signs, namespace: 'Shop', boxGroupName: 'box-group', clusterId: 'cluster' });
};

/** The metrics of the alarms of each phase, beside the bottleneck of the next one in lib/phases.ts. */
const expected = [
  {
    number: 1,
    next: /database takes memory and a fifth of the CPU .* user content fills the disk/,
    watches: ['CPUUtilization', 'MemoryUsedPercent', 'DataDiskUsedPercent'],
  },
  { number: 2, next: /one JavaScript thread answers every request/, watches: ['EventLoopUtilization'] },
  {
    number: 3,
    next: /read tier's JavaScript is used up first, and behind it one writer/,
    watches: ['EventLoopUtilization', 'ACUUtilization'],
  },
  {
    number: 4,
    next: /groups of a fixed size are too small for the day's spikes/,
    watches: ['RequestsRefusedPercent', 'EventLoopUtilization'],
  },
  { number: 5, next: /its one writer cannot be divided/, watches: ['ACUUtilization'] },
];

test.each(expected)(
  'phase $number watches the bottleneck that leads to the next',
  ({ number, next, watches }) => {
    expect(alarmsOf(number).map(({ metric }) => (metric as Metric).metricName)).toEqual(watches);
    const words = readFileSync(join(__dirname, '../../../docs/phases.md'), 'utf8').replace(/\s+/g, ' ');
    expect(phaseNumbered(number + 1)?.bottleneck ?? words).toMatch(next);
  },
);

test('each phase below the last one says when the next is due', () => {
  const silent = phases.filter(({ number, outgrownBy }) => number < 6 && outgrownBy.length === 0);
  expect(silent).toEqual([]);
});

test('an alarm looks at single hours of a week, the longest time that CloudWatch takes', () => {
  for (const { number } of expected) {
    for (const { periods, outOf = 0, metric } of alarmsOf(number)) {
      const seconds = (metric as Metric).period.toSeconds();
      expect([seconds, seconds * outOf]).toEqual([3600, 604_800]);
      expect(periods).toBeLessThanOrEqual(10);
    }
  }
});

test('the busiest writer counts, not the average of idle replicas beside it', () => {
  const [writer] = alarmsOf(5);
  expect(writer?.metric).toMatchObject({ dimensions: { DBClusterIdentifier: 'cluster', Role: 'WRITER' } });
});

test('a sign of something that the phase does not have is refused', () => {
  expect(() => outgrownAlarms({ signs: ['boxCpu'], namespace: 'Shop' })).toThrow('lacks a box');
  expect(() => outgrownAlarms({ signs: ['writerCapacity'], namespace: 'Shop' })).toThrow(
    'a managed database',
  );
});
