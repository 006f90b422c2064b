import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ManagedDatabase } from '../data/managed-database';
import { functionAlarm } from './function-alarm';
import { readerAlarms } from './reader-alarms';
import type { ShopAlarm } from './shop-alarm';
import { standbyAlarms } from './standby-alarms';

/** Everything that opens connections to the database, beside its own functions. */
export interface DatabaseClients {
  readonly box: boolean;
  /** The hosts besides the box that run the app. */
  readonly appHosts: AppHosts;
  /** The most functions that run a service at a time, with one connection each. */
  readonly functions: number;
}

/** The number of hosts that run the app, groups that scale included. */
export interface AppHosts {
  readonly least: number;
  /** Without a roll-out. */
  readonly most: number;
  /** The same with the hosts that a roll-out adds before it takes old ones away. */
  readonly inRollout: number;
  /** Of each host: one where it has one service. */
  readonly schemas: number;
}

/** The alarms that AWS recommends for Aurora, as far as Serverless v2 has the metrics, and those of its functions. */
export function databaseAlarms(managed: ManagedDatabase, clients: DatabaseClients): ShopAlarm[] {
  const { clusterId, capacity, standby, readers } = managed.database;
  const usually = mostConnections(clients);
  const connections = Math.min(usually, 0.9 * connectionsTaken(capacity.max));
  const aurora = (metricName: string, statistic: string, more: Record<string, string> = {}) =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      statistic,
      period: Duration.minutes(5),
      dimensionsMap: { DBClusterIdentifier: clusterId, ...more },
    });
  // The average over all instances hides a writer at its limit beside replicas that are idle.
  const busy = (metricName: string) => aurora(metricName, 'Average', { Role: 'WRITER' });
  return [
    {
      id: 'DatabaseMissing',
      what: 'The database has reported no metrics for 15 minutes.',
      section: 'the-database-is-missing',
      metric: aurora('EngineUptime', 'Maximum'),
      threshold: 1,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: 'DatabaseCpu',
      what: 'The writer has used more than 80% of the CPU of its current capacity for 15 minutes.',
      section: 'the-database-is-busy',
      metric: busy('CPUUtilization'),
      threshold: 80,
      periods: 3,
    },
    {
      id: 'DatabaseCapacity',
      what: `The writer uses more than 90% of its maximum of ${capacity.max} capacity units.`,
      section: 'the-database-is-busy',
      metric: busy('ACUUtilization'),
      threshold: 90,
      periods: 3,
    },
    {
      id: 'DatabaseMemory',
      what: 'The database would have less than 10% of its memory left at its maximum capacity.',
      section: 'the-database-is-busy',
      metric: aurora('FreeableMemory', 'Minimum'),
      threshold: 0.1 * capacity.max * bytesPerUnit,
      periods: 3,
      when: 'below',
    },
    {
      id: 'DatabaseConnections',
      what: `More than ${connections} connections are open; ${
        connections < usually ? 'the database refuses more at 10% above that' : usual(clients)
      }.`,
      section: 'too-many-connections',
      metric: aurora('DatabaseConnections', 'Maximum'),
      threshold: connections,
      periods: 3,
    },
    {
      id: 'DatabaseDeadlocks',
      what: 'More than one deadlock per second for 15 minutes; the app retries deadlocked transactions.',
      section: 'deadlocks',
      metric: busy('Deadlocks'),
      threshold: 1,
      periods: 3,
    },
    {
      id: 'DatabaseLocalStorage',
      what: 'Less than 2 GiB of local storage is left for sorting and temporary tables.',
      section: 'the-database-has-no-room-to-sort',
      metric: aurora('FreeLocalStorage', 'Minimum'),
      threshold: 2 * 2 ** 30,
      periods: 3,
      when: 'below',
    },
    {
      id: 'DatabaseVolume',
      what: 'Less than 10 TiB is left of the maximum size of an Aurora volume.',
      section: 'the-database-volume-ends',
      metric: aurora('AuroraVolumeBytesLeftTotal', 'Minimum'),
      threshold: 10 * 2 ** 40,
      periods: 1,
      when: 'below',
    },
    ...(readers.length > 0 ? readerAlarms(managed.database) : standby ? standbyAlarms(clusterId) : []),
    functionAlarm('MigrationFailed', 'a-migration-failed', managed.migrationFunction),
    functionAlarm('RotationFailed', 'a-password-was-not-changed', managed.rotationFunction),
  ];
}

/** An Aurora capacity unit has about 2 GiB. */
const bytesPerUnit = 2 * 2 ** 30;

/** `max_connections` by the maximum of units, as remembered from Aurora's user guide: `SELECT @@max_connections` tells. */
const CONNECTIONS_TAKEN = [
  [8, 1000],
  [16, 2000],
  [32, 3000],
  [64, 4000],
  [128, 5000],
] as const;

const connectionsTaken = (units: number): number =>
  CONNECTIONS_TAKEN.findLast(([from]) => units >= from)?.[1] ?? 90;

function usual({ box, appHosts, functions }: DatabaseClients): string {
  if (!box) {
    const hosts = `${appHosts.most} hosts open at most ${connectionsOf(appHosts)} each`;
    return functions > 0 ? `${hosts}, and ${functions} functions one` : hosts;
  }
  return appHosts.most === 0
    ? 'one app opens at most 40'
    : `the box opens at most 40 and ${appHosts.most} hosts 20 each`;
}

/**
 * Maintenance: 20. The box: two pools of ten and as many for the mover, doubled while one app takes over from another.
 * Each host: for each schema a pool of ten at an instance, and after a failover one more, since the new writer is in the
 * list of replicas too.
 */
const mostConnections = ({ box, appHosts, functions }: DatabaseClients) =>
  20 + (box ? 80 : 0) + (box ? 20 : connectionsOf(appHosts)) * appHosts.inRollout + functions;

const connectionsOf = ({ schemas }: AppHosts) => 20 * schemas;
