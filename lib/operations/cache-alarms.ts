import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Cache } from '../data/cache';
import type { AppHosts } from './database-alarms';
import type { ShopAlarm } from './shop-alarm';

/** The app goes on without the cache, only slower: without these alarms nobody would notice that it is gone. */
export function cacheAlarms(cache: Pick<Cache, 'name' | 'limits'>, appHosts: CacheHosts): ShopAlarm[] {
  const metrics = metricsOf(cache.name);
  return [...limitAlarms(cache.limits, metrics), ...useAlarms(appHosts, metrics), ...accessAlarms(metrics)];
}

type MetricNamed = (metricName: string, statistic: string) => Metric;

const period = Duration.minutes(5);

const metricsOf =
  (clusterId: string): MetricNamed =>
  (metricName, statistic) =>
    new Metric({ namespace: 'AWS/ElastiCache', metricName, statistic, period, dimensionsMap: { clusterId } });

function limitAlarms({ maxGigabytes, maxUnitsPerSecond }: Cache['limits'], metric: MetricNamed): ShopAlarm[] {
  return [
    {
      id: 'CacheThrottled',
      what: 'The cache refused commands, being at its limit or growing too slowly.',
      section: 'the-cache-is-at-its-limit',
      metric: metric('ThrottledCmds', 'Sum'),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'CacheUnits',
      what: `The cache uses more than 80% of its maximum of ${maxUnitsPerSecond} processing units a second.`,
      section: 'the-cache-is-at-its-limit',
      metric: metric('ElastiCacheProcessingUnits', 'Sum'),
      threshold: 0.8 * maxUnitsPerSecond * period.toSeconds(),
      periods: 3,
    },
    {
      id: 'CacheBytes',
      what: `The cache is more than 80% full, of ${maxGigabytes} GB.`,
      section: 'the-cache-is-full',
      metric: metric('BytesUsedForCache', 'Maximum'),
      threshold: 0.8 * maxGigabytes * 1e9,
      periods: 3,
    },
    {
      id: 'CacheEvictions',
      what: 'The cache drops entries before their time, having no room for new ones.',
      section: 'the-cache-is-full',
      metric: metric('Evictions', 'Sum'),
      threshold: 0,
      periods: 3,
    },
  ];
}

function useAlarms({ least, inRollout }: CacheHosts, metric: MetricNamed): ShopAlarm[] {
  const connections = CONNECTIONS_OF_A_HOST * inRollout;
  return [
    {
      id: 'CacheUnreached',
      what: `Fewer than ${least} connections to the cache for 15 minutes: a host has none, and the database answers its reads.`,
      section: 'nobody-reaches-the-cache',
      metric: metric('CurrConnections', 'Maximum'),
      threshold: least,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: 'CacheConnections',
      what: `More than ${connections} connections to the cache are open; a host opens a few and keeps them.`,
      section: 'too-many-connections-to-the-cache',
      metric: metric('CurrConnections', 'Maximum'),
      threshold: connections,
      periods: 3,
    },
    {
      id: 'CacheMisses',
      what: 'Fewer than half of the look-ups in the cache have found an entry for half an hour.',
      section: 'the-cache-misses',
      // A read that misses is two look-ups that miss and one that hits. A quiet hour proves nothing.
      metric: new MathExpression({
        expression: `IF(hits + misses > ${LEAST_LOOKUPS}, 100 * hits / (hits + misses), 100)`,
        label: 'Hit rate',
        usingMetrics: { hits: metric('CacheHits', 'Sum'), misses: metric('CacheMisses', 'Sum') },
        period,
      }),
      threshold: 50,
      periods: 6,
      when: 'below',
    },
    {
      id: 'CacheSlow',
      what: 'Reads from the cache have taken more than 3 ms on average for 15 minutes; normal is half of one.',
      section: 'the-cache-is-slow',
      // In microseconds.
      metric: metric('SuccessfulReadRequestLatency', 'Average'),
      threshold: 3000,
      periods: 3,
    },
  ];
}

type CacheHosts = Pick<AppHosts, 'least' | 'inRollout'>;

/** Of five minutes: about a hundred a second. */
const LEAST_LOOKUPS = 30_000;

/** Generous: one or two are usual, and both apps of a host that restarts may hold some. */
const CONNECTIONS_OF_A_HOST = 10;

/** Connections that end after twelve hours are normal (`IamAuthenticationExpirations`): a new token opens the next. */
function accessAlarms(metric: MetricNamed): ShopAlarm[] {
  const sumOf = (one: string, other: string) =>
    new MathExpression({
      // Neither has data while nobody is refused.
      expression: 'FILL(one, 0) + FILL(other, 0)',
      label: 'Refusals',
      usingMetrics: { one: metric(one, 'Sum'), other: metric(other, 'Sum') },
      period,
    });
  return [
    {
      id: 'CacheLogins',
      what: 'The cache refused a log-in, or too many came at once.',
      section: 'the-cache-refuses-a-host',
      metric: sumOf('AuthenticationFailures', 'IamAuthenticationThrottling'),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'CacheCommands',
      what: 'The cache refused a command or a key that its user may not use.',
      section: 'the-cache-refuses-a-host',
      metric: sumOf('CommandAuthorizationFailures', 'KeyAuthorizationFailures'),
      threshold: 0,
      periods: 1,
    },
  ];
}
