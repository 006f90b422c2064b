import type { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { edgeAlarms } from '../../../lib/operations/edge-alarms';

const alarms = edgeAlarms({ distributionId: 'E1', webAcl: 'Shop' });
const named = (id: string) => {
  const alarm = alarms.find((one) => one.id === id);
  if (!alarm) throw new Error(`no alarm ${id}`);
  return { ...alarm, metric: alarm.metric as MathExpression };
};
/** Metric math, as far as these alarms use it. */
const value = (id: string, values: Readonly<Record<string, number | undefined>>): number => {
  const { expression, usingMetrics } = named(id).metric;
  const names = Object.keys(usingMetrics);
  const code = `return ${expression.replaceAll('IF(', 'choose(')}`;
  const fill = (given: number | undefined, otherwise: number) => given ?? otherwise;
  const choose = (condition: boolean, then: number, otherwise: number) => (condition ? then : otherwise);
  return new Function('FILL', 'choose', ...names, code)(fill, choose, ...names.map((name) => values[name]));
};

test('a share of errors of the CDN is an alarm, and one shopper’s bad luck at night is none', () => {
  const { threshold } = named('CdnErrors');
  expect(value('CdnErrors', { rate: 2, requests: 10_000 })).toBeGreaterThan(threshold);
  expect(value('CdnErrors', { rate: 0.5, requests: 1_000_000 })).toBeLessThan(threshold);
  expect(value('CdnErrors', { rate: 50, requests: 10 })).toBe(0);
});

test('requests that WAF blocks are an alarm once they are many and a share of all', () => {
  const { threshold } = named('CustomersBlocked');
  expect(value('CustomersBlocked', { blocked: 1000, allowed: 9000 })).toBeGreaterThan(threshold);
  expect(value('CustomersBlocked', { blocked: 1000 })).toBe(100);
  expect(value('CustomersBlocked', { blocked: 1000, allowed: 99_000 })).toBeLessThan(threshold);
  expect(value('CustomersBlocked', { blocked: 50 })).toBe(0);
  expect(value('CustomersBlocked', {})).toBe(0);
});

test('both take the names under which CloudFront and WAF report', () => {
  const dimensions = (id: string) =>
    (Object.values(named(id).metric.usingMetrics) as Metric[]).map((metric) => metric.dimensions);
  expect(new Set(dimensions('CdnErrors').map((one) => JSON.stringify(one)))).toEqual(
    new Set(['{"DistributionId":"E1","Region":"Global"}']),
  );
  for (const one of dimensions('CustomersBlocked')) expect(one).toEqual({ WebACL: 'Shop', Rule: 'ALL' });
});
