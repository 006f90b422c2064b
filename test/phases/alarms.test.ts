import { constructPath, type Json } from '../../review/cloudformation';
import { resolveReferences } from '../../review/resolve-references';
import { expectedAlarm } from './expected-alarms';
import { type DeployedResource, everyPhase, resources, templatesOf } from './synthesized';

interface MetricStat {
  readonly Metric: Properties;
  readonly Period: number;
  readonly Stat: string;
}
interface Metric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: MetricStat;
}
type Properties = Readonly<Record<string, Json>>;

/** `AWS/EC2 CPUUtilization Average (AutoScalingGroupName Services/Box/Group)` */
function metricInWords(
  found: DeployedResource,
  { Metric, Stat }: Pick<MetricStat, 'Metric' | 'Stat'>,
): string {
  const dimensions = (Metric.Dimensions ?? []) as unknown as { Name: string; Value: Json }[];
  const named = dimensions.map(({ Name, Value }) => {
    const [one] = resolveReferences(Value, found.stack, templatesOf(found));
    return `${Name} ${one ? constructPath(one.resource).replace(/^\w+-/, '') : Value}`;
  });
  return `${Metric.Namespace} ${Metric.MetricName} ${Stat}${named.length > 0 ? ` (${named.join(', ')})` : ''}`;
}

/** The expression, with each metric in the place of its id. */
function valueInWords(found: DeployedResource): { readonly value: string; readonly period: number } {
  const { properties } = found;
  if (!properties.Metrics) {
    const Stat = String(properties.Statistic ?? properties.ExtendedStatistic);
    return { value: metricInWords(found, { Metric: properties, Stat }), period: Number(properties.Period) };
  }
  const metrics = properties.Metrics as unknown as readonly Metric[];
  const words = new Map(
    metrics.flatMap(({ Id, MetricStat }) =>
      MetricStat ? [[Id, metricInWords(found, MetricStat)] as const] : [],
    ),
  );
  const { Expression = '' } = metrics.find((one) => one.Expression) ?? {};
  const periods = new Set(metrics.flatMap(({ MetricStat }) => MetricStat?.Period ?? []));
  expect(periods.size).toBe(1);
  return {
    value: Expression.replaceAll(/[a-zA-Z]\w*/g, (word) => words.get(word) ?? word),
    period: [...periods][0] ?? 0,
  };
}

const COMPARISONS: Readonly<Record<string, string>> = { GreaterThanThreshold: '>', LessThanThreshold: '<' };

/** `AWS/EC2 CPUUtilization Average (AutoScalingGroupName Services/Box/Group) > 80, 3 x 5 min` */
function inWords(found: DeployedResource): string {
  const { ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } =
    found.properties;
  const { value, period } = valueInWords(found);
  const times = DatapointsToAlarm ? `${DatapointsToAlarm} of ${EvaluationPeriods}` : `${EvaluationPeriods}`;
  const silence =
    { breaching: ', or silence', notBreaching: '' }[String(TreatMissingData)] ?? `, ${TreatMissingData}`;
  return `${value} ${COMPARISONS[String(ComparisonOperator)]} ${Threshold}, ${times} x ${period / 60} min${silence}`;
}

const nameOf = (id: string) => id.replace(/[0-9A-F]{8}$/, '');

/** The name of the cache, which is the dimension of its metrics. */
function cacheOf(found: DeployedResource): string {
  const [cache] = Object.values(templatesOf(found)['Shop-Data']?.Resources ?? {}).filter(
    ({ Type }) => Type === 'AWS::ElastiCache::ServerlessCache',
  );
  return String(cache?.Properties?.ServerlessCacheName);
}

test.each(everyPhase)(
  'OPS-1: every alarm of phase $number ($options) reads the metric of its resource, and rings beyond its figure, after its time',
  ({ number, options }) => {
    const found = resources('AWS::CloudWatch::Alarm').filter(({ phase }) => phase === `${number} ${options}`);
    const said = found.map((alarm) => [nameOf(alarm.id), inWords(alarm)] as const);
    expect(said).toEqual(
      found.map((alarm, index) => {
        const expected = expectedAlarm(nameOf(alarm.id), { number, options }, cacheOf(alarm));
        const [name = '', words = ''] = said[index] ?? [];
        return [
          name,
          expected instanceof RegExp && expected.test(words) ? words : (expected ?? 'not in the table'),
        ];
      }),
    );
  },
);

test('OPS-1: an alarm that rings for people says when it is over, too', () => {
  for (const { phase, id, properties } of resources(
    'AWS::CloudWatch::Alarm',
    'AWS::CloudWatch::CompositeAlarm',
  )) {
    if (/Scaling|RolloutAlarm/.test(id)) continue;
    expect([phase, id, properties.OKActions]).toEqual([phase, id, properties.AlarmActions]);
  }
});
