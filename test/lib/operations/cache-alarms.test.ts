import type { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { cacheAlarms } from '../../../lib/operations/cache-alarms';

const alarms = cacheAlarms(
  { name: 'shopcache', limits: { maxGigabytes: 2, maxUnitsPerSecond: 5000 } },
  { least: 6, inRollout: 8 },
);
function named(id: string) {
  const alarm = alarms.find((one) => one.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return alarm;
}

test('what the cache uses is compared with the limits of the phase, in the units of its metrics', () => {
  expect(named('CacheBytes')).toMatchObject({ threshold: 1.6e9, metric: { statistic: 'Maximum' } });
  // A sum over five minutes.
  expect(named('CacheUnits')).toMatchObject({ threshold: 4000 * 300, metric: { statistic: 'Sum' } });
});

test('fewer connections than hosts are bad news, and so is a cache that says nothing', () => {
  const silent = alarms.filter(({ silenceIsBad }) => silenceIsBad);
  expect(silent).toMatchObject([{ id: 'CacheUnreached', threshold: 6, when: 'below' }]);
});

test('more connections than hosts may open are noticed, those of a roll-out counted', () => {
  expect(named('CacheConnections').threshold).toBe(80);
});

test('every refusal is noticed, and the end of a connection after twelve hours is not', () => {
  const metricsOf = (id: string) =>
    Object.values((named(id).metric as MathExpression).usingMetrics).map(
      (metric) => (metric as Metric).metricName,
    );
  expect(metricsOf('CacheLogins')).toEqual(['AuthenticationFailures', 'IamAuthenticationThrottling']);
  expect(metricsOf('CacheCommands')).toEqual(['CommandAuthorizationFailures', 'KeyAuthorizationFailures']);
});

test('a serverless cache is known by its name, under a dimension of its own', () => {
  expect((named('CacheBytes').metric as Metric).dimensions).toEqual({ clusterId: 'shopcache' });
});

test('a quiet hour is no miss: the hit rate counts from a hundred look-ups a second on', () => {
  const { expression, usingMetrics } = named('CacheMisses').metric as MathExpression;
  expect(expression).toBe('IF(hits + misses > 30000, 100 * hits / (hits + misses), 100)');
  expect(Object.values(usingMetrics).map((metric) => (metric as Metric).metricName)).toEqual([
    'CacheHits',
    'CacheMisses',
  ]);
});
