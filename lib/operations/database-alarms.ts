import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ManagedDatabase } from '../data/managed-database';
import { functionAlarm } from './function-alarm';
import type { ShopAlarm } from './shop-alarm';

/** What AWS recommends to watch of Aurora, as far as one Serverless v2 writer has it; and the functions that serve it. */
export function databaseAlarms(managed: ManagedDatabase): ShopAlarm[] {
  const { clusterId, capacity } = managed.database;
  const aurora = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      statistic,
      period: Duration.minutes(5),
      dimensionsMap: { DBClusterIdentifier: clusterId },
    });
  return [
    {
      id: 'DatabaseMissing',
      what: 'The database has reported nothing for 15 minutes.',
      section: 'the-database-is-missing',
      metric: aurora('EngineUptime', 'Maximum'),
      threshold: 1,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: 'DatabaseCpu',
      what: 'The database uses more than 80% of the CPU of its present size for 15 minutes.',
      section: 'the-database-is-busy',
      metric: aurora('CPUUtilization', 'Average'),
      threshold: 80,
      periods: 3,
    },
    {
      id: 'DatabaseCapacity',
      what: `The database uses more than 90% of the ${capacity.max} capacity units that it may grow to.`,
      section: 'the-database-is-busy',
      metric: aurora('ACUUtilization', 'Average'),
      threshold: 90,
      periods: 3,
    },
    {
      id: 'DatabaseMemory',
      what: 'The database would have less than 10% of its memory left, grown to its largest.',
      section: 'the-database-is-busy',
      metric: aurora('FreeableMemory', 'Minimum'),
      threshold: 0.1 * capacity.max * bytesPerUnit,
      periods: 3,
      when: 'below',
    },
    {
      id: 'DatabaseConnections',
      what: `More than ${connections} connections are open, and one app opens 40 at most.`,
      section: 'too-many-connections',
      metric: aurora('DatabaseConnections', 'Maximum'),
      threshold: connections,
      periods: 3,
    },
    {
      id: 'DatabaseDeadlocks',
      what: 'More than one deadlock a second for 15 minutes; the app repeats what met one.',
      section: 'deadlocks',
      metric: aurora('Deadlocks', 'Average'),
      threshold: 1,
      periods: 3,
    },
    {
      id: 'DatabaseLocalStorage',
      what: 'Less than 2 GiB are left for sorting and temporary tables.',
      section: 'the-database-has-no-room-to-sort',
      metric: aurora('FreeLocalStorage', 'Minimum'),
      threshold: 2 * 2 ** 30,
      periods: 3,
      when: 'below',
    },
    {
      id: 'DatabaseVolume',
      what: 'Less than 10 TiB are left of what an Aurora volume can grow to.',
      section: 'the-database-volume-ends',
      metric: aurora('AuroraVolumeBytesLeftTotal', 'Minimum'),
      threshold: 10 * 2 ** 40,
      periods: 1,
      when: 'below',
    },
    functionAlarm('MigrationFailed', 'a-migration-failed', managed.migrationFunction),
    functionAlarm('RotationFailed', 'a-password-was-not-changed', managed.rotationFunction),
  ];
}

/** An Aurora capacity unit has about 2 GiB. */
const bytesPerUnit = 2 * 2 ** 30;

/** Two pools of ten, as many for the mover, twice over while one app takes over from another, and maintenance. */
const connections = 100;
