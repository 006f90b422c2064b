import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ShopAlarm } from './shop-alarm';

/** Alarms for a standby that is missing or too far behind to take over from the writer. */
export function standbyAlarms(clusterId: string): ShopAlarm[] {
  const aurora = (metricName: string, more: Record<string, string> = {}) =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      statistic: 'Maximum',
      period: Duration.minutes(5),
      dimensionsMap: { DBClusterIdentifier: clusterId, ...more },
    });
  return [
    {
      id: 'StandbyMissing',
      what: 'The database has had no standby instance for 15 minutes.',
      section: 'the-standby-is-missing',
      metric: aurora('EngineUptime', { Role: 'READER' }),
      threshold: 1,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: 'StandbyLag',
      what: 'The standby has been more than a second behind the writer for 15 minutes; normal is tens of milliseconds.',
      section: 'the-standby-is-behind',
      // In milliseconds.
      metric: aurora('AuroraReplicaLagMaximum'),
      threshold: 1000,
      periods: 3,
    },
  ];
}
