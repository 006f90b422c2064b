import { MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedGroup } from '../compute/tiers';
import type { ShopAlarm } from './shop-alarm';

type Group = Pick<WatchedGroup, 'id' | 'size'>;

/** A group that scales has no size of its own: its alarms compare with the size that it wants and may have. */
export function sizeAlarms(
  { id, size: { instances, scaling } }: Group,
  metric: (metricName: string) => Metric,
): ShopAlarm[] {
  const inService = metric('GroupInServiceInstances');
  const missing = { id: `${id}Hosts`, section: 'hosts-are-missing', periods: 3, silenceIsBad: true };
  if (scaling === 'fixed') {
    return [
      {
        ...missing,
        what: `Fewer than ${instances} hosts have been in service for 15 minutes.`,
        metric: inService,
        threshold: instances,
        when: 'below',
      },
    ];
  }
  const desired = metric('GroupDesiredCapacity');
  return [
    {
      ...missing,
      what: 'Fewer hosts than the group wants have been in service for 15 minutes.',
      metric: new MathExpression({
        expression: 'desired - inService',
        label: 'Missing hosts',
        usingMetrics: { desired, inService },
        period: desired.period,
      }),
      threshold: 0,
    },
    {
      id: `${id}AtMaximum`,
      what: `The group has wanted its maximum of ${scaling.maximum} hosts for 15 minutes, and cannot grow further.`,
      section: 'a-group-is-at-its-maximum',
      metric: desired,
      threshold: scaling.maximum - 1,
      periods: 3,
    },
  ];
}
