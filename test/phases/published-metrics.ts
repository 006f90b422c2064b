import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_METRICS } from '../../lambda/hosts/host-metrics';
import { isObject, type Json, type Templates } from '../../review/cloudformation';
import { resolveReferences } from '../../review/resolve-references';

/** A metric that a template names, and the place that names it. */
export interface NamedMetric {
  readonly by: string;
  readonly stack: string;
  readonly namespace: string;
  readonly metricName: string;
  /** Values as in the template: text, or a reference. */
  readonly dimensions: Readonly<Record<string, Json>>;
}

interface Source {
  /** Resource type of each dimension's value, or the values that it may have. */
  readonly dimensions: Readonly<Record<string, string | readonly string[]>>;
  readonly metrics: readonly string[];
}

const balancer = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const ofInstances = [
  ...[
    'CPUUtilization',
    'ACUUtilization',
    'ServerlessDatabaseCapacity',
    'DatabaseConnections',
    'EngineUptime',
  ],
  ...['FreeableMemory', 'FreeLocalStorage', 'Deadlocks', 'CommitLatency', 'SelectLatency', 'DMLLatency'],
];

/** From AWS's list of metrics for each service, as far as the shop uses them. */
const published: Readonly<Record<string, readonly Source[]>> = {
  'AWS/ApplicationELB': [
    {
      dimensions: { LoadBalancer: balancer },
      metrics: [
        ...['RequestCount', 'TargetResponseTime', 'HTTPCode_Target_5XX_Count', 'HTTPCode_ELB_5XX_Count'],
        ...['RejectedConnectionCount', 'ConsumedLCUs'],
      ],
    },
    {
      dimensions: { LoadBalancer: balancer, TargetGroup: 'AWS::ElasticLoadBalancingV2::TargetGroup' },
      metrics: [
        ...['RequestCount', 'TargetResponseTime', 'HTTPCode_Target_5XX_Count', 'UnHealthyHostCount'],
        ...['HTTPCode_Target_2XX_Count', 'HTTPCode_Target_3XX_Count', 'HTTPCode_Target_4XX_Count'],
        'TargetConnectionErrorCount',
      ],
    },
  ],
  CloudWatchSynthetics: [
    { dimensions: { CanaryName: 'AWS::Synthetics::Canary' }, metrics: ['SuccessPercent', 'Duration'] },
  ],
  'AWS/SQS': [
    {
      dimensions: { QueueName: 'AWS::SQS::Queue' },
      metrics: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'],
    },
  ],
  'AWS/DynamoDB': [
    {
      dimensions: {
        TableName: 'AWS::DynamoDB::Table',
        Operation: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'Scan'],
      },
      metrics: ['ThrottledRequests', 'SystemErrors'],
    },
  ],
  'AWS/AutoScaling': [
    {
      dimensions: { AutoScalingGroupName: 'AWS::AutoScaling::AutoScalingGroup' },
      metrics: ['GroupDesiredCapacity', 'GroupInServiceInstances'],
    },
  ],
  'AWS/EC2': [
    {
      dimensions: { AutoScalingGroupName: 'AWS::AutoScaling::AutoScalingGroup' },
      metrics: ['CPUUtilization', 'CPUSurplusCreditBalance', 'NetworkIn', 'NetworkOut', 'StatusCheckFailed'],
    },
  ],
  'AWS/EBS': [
    {
      dimensions: { VolumeId: 'AWS::EC2::Volume' },
      metrics: ['VolumeReadOps', 'VolumeWriteOps', 'VolumeReadBytes', 'VolumeWriteBytes'],
    },
  ],
  'AWS/RDS': [
    {
      dimensions: { DBClusterIdentifier: 'AWS::RDS::DBCluster' },
      metrics: [...ofInstances, 'AuroraVolumeBytesLeftTotal', 'AuroraReplicaLagMaximum'],
    },
    {
      dimensions: { DBClusterIdentifier: 'AWS::RDS::DBCluster', Role: ['WRITER', 'READER'] },
      metrics: ofInstances,
    },
    {
      dimensions: { DBInstanceIdentifier: 'AWS::RDS::DBInstance' },
      metrics: [...ofInstances, 'AuroraReplicaLag'],
    },
  ],
  'AWS/ElastiCache': [
    {
      dimensions: { clusterId: 'AWS::ElastiCache::ServerlessCache' },
      metrics: [
        ...[
          'ThrottledCmds',
          'ElastiCacheProcessingUnits',
          'BytesUsedForCache',
          'Evictions',
          'CurrConnections',
        ],
        ...['CacheHits', 'CacheMisses', 'SuccessfulReadRequestLatency', 'AuthenticationFailures'],
        ...['IamAuthenticationThrottling', 'CommandAuthorizationFailures', 'KeyAuthorizationFailures'],
      ],
    },
  ],
  'AWS/Redshift-Serverless': [
    { dimensions: { Workgroup: 'AWS::RedshiftServerless::Workgroup' }, metrics: ['ComputeSeconds'] },
  ],
  'AWS/Lambda': [
    {
      dimensions: { FunctionName: 'AWS::Lambda::Function' },
      metrics: ['Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'],
    },
  ],
  'AWS/WAFV2': [
    {
      dimensions: { WebACL: 'AWS::WAFv2::WebACL', Rule: ['ALL'] },
      metrics: ['BlockedRequests', 'AllowedRequests'],
    },
  ],
  'AWS/CloudFront': [
    {
      dimensions: { DistributionId: 'AWS::CloudFront::Distribution', Region: ['Global'] },
      metrics: ['Requests', '5xxErrorRate', '4xxErrorRate'],
    },
  ],
};

const BOX_SETTINGS = join(__dirname, '../../lib/compute/box/host/database.sh');

/** The metrics that the app writes, with the roles of the processes that the templates start. */
export function ownMetrics(templates: Templates, written: readonly string[]): Source {
  const text = JSON.stringify(templates);
  const box = text.includes('{"Key":"shop:role","Value":"box"}') ? readFileSync(BOX_SETTINGS, 'utf8') : '';
  const roles = [...(text + box).matchAll(/HOST_ROLE='?([a-zA-Z]+)/g)].map(([, role = '']) => role);
  return { dimensions: { [HOST_METRICS.dimension]: [...new Set(roles)] }, metrics: written };
}

/** The metrics of a host that runs nginx alone, where the templates start some. */
export function webMetrics(templates: Templates): Source {
  const script = readFileSync(join(__dirname, '../../lib/compute/web/host/host-metrics.sh'), 'utf8');
  const metrics = [...script.matchAll(/"Name":"(\w+)"/g)].map(([, name = '']) => name);
  const started = JSON.stringify(templates).includes('ROLE=web');
  return { dimensions: { [HOST_METRICS.dimension]: started ? ['web'] : [] }, metrics };
}

/** The reason that nobody publishes the metric; undefined if somebody does. */
export function unpublished(
  metric: NamedMetric,
  templates: Templates,
  own: readonly Source[],
): string | undefined {
  const { namespace, metricName, dimensions } = metric;
  const sources = published[namespace] ?? (namespace.startsWith('AWS/') ? [] : own);
  const named = Object.keys(dimensions).sort().join(', ');
  const fitting = sources.filter(
    (each) => each.metrics.includes(metricName) && Object.keys(each.dimensions).sort().join(', ') === named,
  );
  const reasons = fitting.map((source) => otherValue(metric, source, templates));
  if (fitting.length === 0) return `${namespace} has no ${metricName} by ${named || 'itself'}`;
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** The first dimension whose value is not one of the source; undefined if all are. */
function otherValue(
  { metricName, dimensions, stack }: NamedMetric,
  source: Source,
  templates: Templates,
): string | undefined {
  for (const [dimension, expected] of Object.entries(source.dimensions)) {
    const value = dimensions[dimension] as Json;
    if (typeof expected !== 'string') {
      if (!expected.includes(String(value))) return `${metricName}: no ${dimension} ${JSON.stringify(value)}`;
    } else if (!isOne(value, expected, stack, templates)) {
      return `${metricName}: ${dimension} is no ${expected}`;
    }
  }
  return undefined;
}

/** True if the value is the name of a resource of this type, or a reference to one. */
function isOne(value: Json, type: string, stack: string, templates: Templates): boolean {
  if (typeof value !== 'string') {
    // A reference to another region leads to the CDK's reader of exports, whose attribute names the resource.
    const [, , kind = ''] = type.split('::');
    return resolveReferences(value, stack, templates).some(
      ({ resource }) =>
        resource.Type === type ||
        (resource.Type === 'Custom::CrossRegionExportReader' && JSON.stringify(value).includes(kind)),
    );
  }
  return Object.values(templates)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .some(({ Type, Properties }) => Type === type && JSON.stringify(Properties).includes(`"${value}"`));
}

/** Every metric that an alarm or a dashboard of the shop names. */
export function namedMetrics(templates: Templates): NamedMetric[] {
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
      if (Type === 'AWS::CloudWatch::Alarm') return ofAlarm(Properties, id, stack);
      if (Type === 'AWS::CloudWatch::Dashboard') return ofDashboard(Properties, id, stack);
      return [];
    }),
  );
}

type Properties = Readonly<Record<string, Json>>;

function ofAlarm(properties: Properties, by: string, stack: string): NamedMetric[] {
  const list = (properties.Metrics ?? [{ MetricStat: { Metric: properties } }]) as unknown as readonly {
    MetricStat?: { Metric: Properties };
  }[];
  return list.flatMap(({ MetricStat }) => {
    if (!MetricStat) return [];
    const { Namespace, MetricName, Dimensions = [] } = MetricStat.Metric;
    const dimensions = Object.fromEntries(
      (Dimensions as unknown as { Name: string; Value: Json }[]).map(({ Name, Value }) => [Name, Value]),
    );
    return [{ by, stack, namespace: String(Namespace), metricName: String(MetricName), dimensions }];
  });
}

function ofDashboard(properties: Properties, by: string, stack: string): NamedMetric[] {
  return dashboardMetrics(properties.DashboardBody as Json).map((metric) => ({ by, stack, ...metric }));
}

/** The metrics of a dashboard's body, which is JSON with references inside its strings. */
export function dashboardMetrics(body: Json): Omit<NamedMetric, 'by' | 'stack'>[] {
  const tokens: Json[] = [];
  const parts = isObject(body) ? (body['Fn::Join'] as unknown as [string, Json[]])[1] : [body];
  const text = parts
    .map((part) => (typeof part === 'string' ? part : `@${tokens.push(part as Json) - 1}@`))
    .join('');
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: Json[][] } }[] };
  const resolved = (value: string): Json => {
    const [, index] = /^@(\d+)@$/.exec(value) ?? [];
    return index === undefined ? value : (tokens[Number(index)] as Json);
  };
  return widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap((metric) => {
      const [namespace, metricName, ...rest] = metric.filter((part) => typeof part === 'string') as string[];
      if (namespace === undefined || metricName === undefined) return [];
      const pairs = rest.flatMap((name, index) =>
        index % 2 === 0 ? [[name, resolved(rest[index + 1] ?? '')] as const] : [],
      );
      return [{ namespace, metricName, dimensions: Object.fromEntries(pairs) }];
    }),
  );
}
