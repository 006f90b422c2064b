import { type IWidget, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedBalancer } from '../../compute/tiers';
import type { Cache } from '../../data/cache';
import type { Database } from '../../data/database';
import { balancerMetrics, cacheMetrics, fiveMinutes, instanceMetrics, writerMetrics } from '../metrics';
import { graph, introduction, named } from './graph';

export interface StoresOptions {
  readonly balancers: readonly WatchedBalancer[];
  readonly database: Database;
  /** Absent while the users have no cluster of their own. */
  readonly usersDatabase?: Database | undefined;
  /** Absent without one. */
  readonly cache?: Pick<Cache, 'name' | 'limits'> | undefined;
}

/** The parts that all hosts share: load balancers, the database and the cache. */
export function stores({ balancers, database, usersDatabase, cache }: StoresOptions): IWidget[] {
  return [
    introduction(
      'What all hosts share: balancers, database, cache. How to read it: docs/runbook.md, "Reading the dashboards".',
    ),
    ...ofBalancers(balancers),
    ...ofDatabase('Database', database),
    ...(usersDatabase ? ofDatabase('Users', usersDatabase) : []),
    ...(cache ? ofCache(cache) : []),
  ];
}

function ofBalancers(balancers: readonly WatchedBalancer[]): IWidget[] {
  const ofEach = (metricName: string, statistic: string) =>
    balancers.map((balancer) => named(balancer.id, balancerMetrics(balancer)(metricName, statistic)));
  return [
    graph('Requests to each load balancer', ofEach('RequestCount', 'Sum')),
    graph('Errors of load balancers, and connections refused', [
      ...ofEach('HTTPCode_ELB_5XX_Count', 'Sum'),
      ...ofEach('RejectedConnectionCount', 'Sum'),
    ]),
    graph('Seconds in which the targets answer 95%', ofEach('TargetResponseTime', 'p95')),
    graph('Capacity units of load balancers, which are billed', ofEach('ConsumedLCUs', 'Sum')),
  ];
}

function ofDatabase(name: string, { clusterId, writer, standby, readers }: Database): IWidget[] {
  const instances = [writer, ...(standby ? [standby] : []), ...readers];
  const ofEach = (metricName: string, statistic?: string) =>
    instances.map(({ ref }, index) =>
      named(`instance ${index + 1}`, instanceMetrics(ref)(metricName, statistic)),
    );
  const atWriter = writerMetrics(clusterId);
  return [
    graph(`${name}: capacity of the writer in use, in percent of its maximum`, [
      named('capacity', atWriter('ACUUtilization')),
      named('CPU', atWriter('CPUUtilization')),
    ]),
    graph(`${name}: capacity units of each instance`, ofEach('ServerlessDatabaseCapacity')),
    graph(`${name}: connections`, ofEach('DatabaseConnections', 'Maximum')),
    graph(`${name}: milliseconds behind the writer`, ofEach('AuroraReplicaLag', 'Maximum')),
    graph(`${name}: milliseconds of a commit and of a query`, [
      named('commit', atWriter('CommitLatency')),
      named('SELECT', atWriter('SelectLatency')),
      named('changes', atWriter('DMLLatency')),
    ]),
    graph(`${name}: deadlocks a second`, [named('deadlocks', atWriter('Deadlocks'))]),
  ];
}

function ofCache({ name, limits }: Pick<Cache, 'name' | 'limits'>): IWidget[] {
  const metric = cacheMetrics(name);
  return [
    graph('Cache: look-ups that found an entry, in percent', [
      new MathExpression({
        expression: '100 * hits / (hits + misses)',
        label: 'hits',
        usingMetrics: { hits: metric('CacheHits', 'Sum'), misses: metric('CacheMisses', 'Sum') },
        period: fiveMinutes,
      }),
    ]),
    graph(
      `Cache: processing units in five minutes, of ${limits.maxUnitsPerSecond * fiveMinutes.toSeconds()}`,
      [named('units', metric('ElastiCacheProcessingUnits', 'Sum'))],
    ),
    graph(`Cache: bytes, of ${limits.maxGigabytes} GB`, [
      named('bytes', metric('BytesUsedForCache', 'Maximum')),
    ]),
    graph('Cache: evictions and commands throttled', [
      named('evictions', metric('Evictions', 'Sum')),
      named('throttled', metric('ThrottledCmds', 'Sum')),
    ]),
    graph('Cache: microseconds of a read', [named('read', metric('SuccessfulReadRequestLatency'))]),
    graph('Cache: connections', [named('connections', metric('CurrConnections', 'Maximum'))]),
  ];
}
