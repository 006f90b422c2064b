import { isObject, type Json } from '../../cloudformation';
import { resolveReferences } from '../../resolve-references';
import { keeps } from '../../stateful';
import { type CostLineDraft, fixed, type Priced, type Resolver, used } from '../line';
import { quantity } from '../units';

/** Of the worker: a second at a gigabyte, without what waits for S3. */
const GB_SECONDS_A_THUMBNAIL = 1;
/** Enqueued, received and deleted. */
const REQUESTS_A_MESSAGE = 3;
const MINUTES_A_MONTH = 730 * 60;

export const operations: Readonly<Record<string, Resolver>> = {
  'AWS::CloudWatch::Alarm': ({ resource }) => {
    const metrics = metricsOf(resource.Properties ?? {});
    return [
      fixed('alarm metric', quantity('month', metrics.length), 'alarms'),
      ...metrics.filter(isCustom).map(customMetric),
    ];
  },
  'AWS::CloudWatch::CompositeAlarm': () => [
    fixed('composite alarm', quantity('month', 1), 'alarms over two windows'),
  ],
  'AWS::CloudWatch::Dashboard': () => [fixed('dashboard', quantity('month', 1), 'dashboards')],
  'AWS::Synthetics::Canary': ({ resource, id }) => {
    const schedule = isObject(resource.Properties?.Schedule) ? resource.Properties.Schedule.Expression : '';
    const minutes = Number(/^rate\((\d+) minutes?\)$/.exec(String(schedule))?.[1] ?? 5);
    return [
      fixed('canary runs', quantity('million', MINUTES_A_MONTH / minutes / 1e6), `runs of the canary ${id}`),
    ];
  },
  // The first trail of management events is free; events of objects are few: one for each written photo.
  'AWS::CloudTrail::Trail': ({ resource, usage }) =>
    JSON.stringify(resource.Properties ?? {}).includes('AWS::S3::Object')
      ? [used('data events', usage.photosWritten, 'events of written objects')]
      : [],
  // Hosts write the logs that are kept for good; those of functions are a few lines a deploy.
  'AWS::Logs::LogGroup': ({ resource, usage }) =>
    keeps(resource.DeletionPolicy)
      ? [
          { ...used('logs ingested', usage.logs, 'logs of hosts'), once: 'logs ingested' },
          {
            ...used('logs kept', quantity('GB-month', usage.logs), 'logs of hosts, kept for a month'),
            once: 'logs kept',
          },
        ]
      : [],
  // Requests are paid. A queue that no function reads holds what was given up: none, while all goes well.
  'AWS::SQS::Queue': (priced) =>
    isRead(priced)
      ? [
          used(
            'messages',
            quantity('million', priced.usage.thumbnails * REQUESTS_A_MESSAGE),
            'jobs on the queue',
          ),
        ]
      : [],
  'AWS::Lambda::EventSourceMapping': ({ usage }) => [
    used('function calls', usage.thumbnails, 'thumbnails rendered'),
    used(
      'function time',
      quantity('GB-second', usage.thumbnails * 1e6 * GB_SECONDS_A_THUMBNAIL),
      'time of rendering thumbnails',
    ),
  ],
};

/** True of the source of an event source mapping, in any stack. */
const isRead = ({ stack, id, templates }: Priced): boolean =>
  Object.entries(templates).some(([from, { Resources = {} }]) =>
    Object.values(Resources).some(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::EventSourceMapping' &&
        resolveReferences(Properties?.EventSourceArn, from, templates).some(
          (source) => source.stack === stack && source.logicalId === id,
        ),
    ),
  );

interface Metric {
  readonly namespace: string;
  readonly key: string;
}

/** All that an alarm reads, the metrics in its expressions counted each. */
function metricsOf(properties: Readonly<Record<string, Json>>): Metric[] {
  const { Metrics } = properties;
  if (!Array.isArray(Metrics)) return [metricOf(properties)];
  return Metrics.flatMap((one) => {
    const stat = isObject(one) ? one.MetricStat : undefined;
    return isObject(stat) && isObject(stat.Metric) ? [metricOf(stat.Metric)] : [];
  });
}

const metricOf = ({ Namespace, MetricName, Dimensions }: Readonly<Record<string, Json>>): Metric => ({
  namespace: JSON.stringify(Namespace ?? ''),
  key: JSON.stringify([Namespace, MetricName, Dimensions]),
});

/** Metrics of AWS's own services cost nothing. */
const isCustom = ({ namespace }: Metric): boolean => !namespace.includes('AWS/');

const customMetric = ({ key }: Metric): CostLineDraft => ({
  ...fixed('metric', quantity('month', 1), 'metrics that hosts publish'),
  once: `metric ${key}`,
});
