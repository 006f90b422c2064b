import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Database } from '../data/database';
import type { ShopAlarm } from './shop-alarm';

/**
 * Alarms for a cluster whose replicas answer reads. A failover makes any instance the writer, so each is watched by its
 * own name and not by its role.
 */
export function readerAlarms({
  writer,
  standby,
  readers,
}: Pick<Database, 'writer' | 'standby' | 'readers'>): ShopAlarm[] {
  const instances = [writer, ...(standby ? [standby] : []), ...readers];
  return instances.flatMap(({ ref }, index) => instanceAlarms(index + 1, ref));
}

function instanceAlarms(number: number, DBInstanceIdentifier: string): ShopAlarm[] {
  const aurora = (metricName: string, statistic = 'Maximum') =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      statistic,
      period: Duration.minutes(5),
      dimensionsMap: { DBInstanceIdentifier },
    });
  return [
    {
      id: `Instance${number}Cpu`,
      what: `Instance ${number} has used more than 80% of the CPU of its current capacity for 15 minutes.`,
      section: 'the-database-is-busy',
      metric: aurora('CPUUtilization', 'Average'),
      threshold: 80,
      periods: 3,
    },
    {
      id: `Instance${number}Missing`,
      what: `Instance ${number} of the database has reported nothing for 15 minutes; the others do its work.`,
      section: 'an-instance-of-the-database-is-missing',
      metric: aurora('EngineUptime'),
      threshold: 1,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: `Instance${number}Lag`,
      what: `Instance ${number} has been more than a second behind the writer for 15 minutes; normal is tens of milliseconds.`,
      section: 'a-replica-is-behind',
      // In milliseconds; the writer reports none.
      metric: aurora('AuroraReplicaLag'),
      threshold: 1000,
      periods: 3,
    },
  ];
}
