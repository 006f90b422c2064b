import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ManagedDatabase } from '../data/managed-database';
import { functionAlarm } from './function-alarm';
import type { ShopAlarm } from './shop-alarm';
import { standbyAlarms } from './standby-alarms';

/**
 * What AWS recommends to watch of Aurora, as far as Serverless v2 has it; and the functions that serve it.
 * @param appHosts how many hosts besides the box run the app
 */
export function databaseAlarms(managed: ManagedDatabase, appHosts: number): ShopAlarm[] {
  const { clusterId, capacity, standby } = managed.database;
  const connections = mostConnections(appHosts);
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
      what:
        appHosts === 0
          ? `More than ${connections} connections are open, and one app opens 40 at most.`
          : `More than ${connections} connections are open; the box opens 40 at most and ${appHosts} hosts 20 each.`,
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
    ...(standby ? standbyAlarms(clusterId) : []),
    functionAlarm('MigrationFailed', 'a-migration-failed', managed.migrationFunction),
    functionAlarm('RotationFailed', 'a-password-was-not-changed', managed.rotationFunction),
  ];
}

/** An Aurora capacity unit has about 2 GiB. */
const bytesPerUnit = 2 * 2 ** 30;

/**
 * The box: two pools of ten, as many for the mover, twice over while one app takes over from another, and maintenance.
 * Each host: two pools of ten; a roll-out adds one host to each of the two groups.
 */
const mostConnections = (appHosts: number) => 100 + (appHosts > 0 ? 20 * (appHosts + 2) : 0);
