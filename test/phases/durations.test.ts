import { usualPace } from '../../lib/compute/fleet/host-health-decision';
import type { Json } from '../../review/cloudformation';
import { type DeployedResource, resources, templatesOf } from './synthesized';

/**
 * Every duration and number of retries of every template has a rule here: those that follow from others say from which,
 * the others are promised in the documents or bound what a fault costs. In seconds, unless the name says days.
 */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** The longest request: of the balancers, nginx and the app alike (rule ELB-1). */
const REQUEST = 30;
/** The longest that Lambda runs a function. */
const LAMBDA = 15 * MINUTE;
/** A host boots in three minutes; its signal and its hook wait for as long as a function may need to say no. */
const HOST = 15 * MINUTE;
const TWO_WEEKS = 14 * 24 * HOUR;
const MONTH_IN_DAYS = 30;

/** A function makes a few calls of AWS, half a minute of which may be denied at first, unless it is one of these. */
const functionTimes: Readonly<Record<string, number>> = {
  // They say no before the hook, the signal or CloudFormation stops waiting.
  BoxClaimFunction: HOST - MINUTE,
  TiersRolloutFunction: HOST - MINUTE,
  // CloudFormation waits for it for twenty minutes.
  BoxReleaseFunction: LAMBDA,
  // ACM has a certificate in use for minutes after its listener went.
  TiersApiInsideCertificateFunction: 10 * MINUTE,
  // They copy files, and compare for 20 s at a time.
  StorefrontFunction: 2 * MINUTE,
  ManagedListRebuildFunction: 2 * MINUTE,
  // A burst of alarms and errors, each with ten seconds for its report.
  OutsideIncidentsFunction: 5 * MINUTE,
  // As long as they can: they stop by themselves before.
  FederationFunction: LAMBDA,
  UserShardsMover: LAMBDA,
  WarehouseArchive: LAMBDA,
  WarehouseLoad: LAMBDA,
  ManagedStockAuditFunction: LAMBDA,
  // A batch of four photos, each of which may take 30 s to decode, besides reading and storing.
  TiersPhotoWorkerFunction: 4 * REQUEST + MINUTE,
};

/** Retries of what AWS calls by itself, beside the first try. */
const retries: Readonly<Record<string, number>> = {
  // An event that could not be handed over. The function itself is called once: the group tries with a new host.
  BoxClaimLaunching: 2,
  ExportedAvailable: 2,
  TiersRolloutLaunched: 2,
  TiersRolloutAlarmFired: 2,
  WarehouseExportSchedule: 2,
  WarehouseLoadSchedule: 2,
  BoxClaimFunctionEventInvokeConfig: 0,
  TiersRolloutFunctionEventInvokeConfig: 0,
  // A command waits for these, and calls again itself.
  FederationFunctionEventInvokeConfig: 0,
  UserShardsMoverEventInvokeConfig: 0,
  // The next night, or the queue of what was given up, takes the rest.
  WarehouseArchiveEventInvokeConfig: 1,
  WarehouseLoadEventInvokeConfig: 1,
  OutsideIncidentsFunctionEventInvokeConfig: 2,
};

/** The age at which an event is given up: when what waits for it has given up, or when it is news no longer. */
const ages: Readonly<Record<string, number>> = {
  BoxClaimLaunching: 5 * MINUTE,
  TiersRolloutLaunched: 5 * MINUTE,
  TiersRolloutAlarmFired: 5 * MINUTE,
  ExportedAvailable: 2 * HOUR,
  WarehouseExportSchedule: LAMBDA,
  WarehouseLoadSchedule: LAMBDA,
  OutsideIncidentsFunctionEventInvokeConfig: 6 * HOUR,
};

/** The days for which a bucket keeps its objects: what docs/runbook.md and docs/warehouse.md say. */
const objectDays: Readonly<Record<string, number>> = {
  // The photos as they were uploaded: a rendering is tried for five days (rule SQS-2).
  ContentMedia: 7,
  ContentAccessLogs: 90,
  Trail: 365,
  Deployments: MONTH_IN_DAYS,
  OutsideCanaryRuns: MONTH_IN_DAYS + 1,
  // Longer than a month is loaded again.
  WarehouseFiles: MONTH_IN_DAYS + 5,
};

type Rule = number | string | ((found: DeployedResource) => number | undefined);

const nameOf = ({ id }: DeployedResource) => id.replace(/[0-9A-F]{8}$/, '');
const byName = (table: Readonly<Record<string, number>>) => (found: DeployedResource) => table[nameOf(found)];

/** The rest of the box's claim, once the box has gone: it claims nothing. */
const isRetired = ({ id, properties }: DeployedResource) =>
  id.startsWith('BoxClaim') && !JSON.stringify(properties.Environment ?? {}).includes('VOLUME_ID');

/** Time of the function that serves a custom resource. */
const served = (found: DeployedResource): number => {
  const [id = ''] = (found.properties.ServiceToken as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
  return Number(templatesOf(found)[found.stack]?.Resources?.[id]?.Properties?.Timeout);
};

const rules: Readonly<Record<string, Rule>> = {
  'AutoScalingGroup CreationPolicy.ResourceSignal.Timeout': HOST,
  'AutoScalingGroup UpdatePolicy.AutoScalingRollingUpdate.PauseTime': HOST,
  'AutoScalingGroup LifecycleHookSpecificationList.HeartbeatTimeout': HOST,
  // A host that never gets healthy is refused before others go for it, and before its group replaces it.
  'AutoScalingGroup UpdatePolicy.AutoScalingInstanceRefresh.Preferences.InstanceWarmup':
    usualPace.patience / 1000 + MINUTE,
  'AutoScalingGroup HealthCheckGracePeriod': usualPace.patience / 1000 + MINUTE,
  // The last hosts are watched, and an alarm comes up to two minutes late.
  'AutoScalingGroup UpdatePolicy.AutoScalingInstanceRefresh.Preferences.BakeTime':
    usualPace.watch / 1000 + 2 * MINUTE,
  // A boot, and where policies decide the delay of the metrics besides.
  'AutoScalingGroup DefaultInstanceWarmup': ({ properties }) =>
    properties.DesiredCapacity === undefined ? 6 * MINUTE : 4 * MINUTE,
  'ScalingPolicy EstimatedInstanceWarmup': 6 * MINUTE,
  'CachePolicy CachePolicyConfig.MinTTL': 0,
  'CachePolicy CachePolicyConfig.DefaultTTL': 0,
  // The most that the app may say; it says seconds.
  'CachePolicy CachePolicyConfig.MaxTTL': MINUTE,
  'Distribution DistributionConfig.CustomErrorResponses.ErrorCachingMinTTL': 0,
  'Distribution DistributionConfig.Origins.VpcOriginConfig.OriginReadTimeout': REQUEST,
  // ELB-3: shorter than the balancer's.
  'Distribution DistributionConfig.Origins.VpcOriginConfig.OriginKeepaliveTimeout': MINUTE - 10,
  'LoadBalancer LoadBalancerAttributes.idle_timeout.timeout_seconds': MINUTE,
  'ResponseHeadersPolicy ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec':
    365 * 24 * HOUR,
  'TargetGroup TargetGroupAttributes.deregistration_delay.timeout_seconds': REQUEST,
  'TargetGroup TargetGroupAttributes.slow_start.duration_seconds': MINUTE,
  'TargetGroup HealthCheckIntervalSeconds': 10,
  'TargetGroup HealthCheckTimeoutSeconds': 8,
  'Rule Targets.RetryPolicy.MaximumEventAgeInSeconds': byName(ages),
  'Rule Targets.RetryPolicy.MaximumRetryAttempts': byName(retries),
  'Schedule Target.RetryPolicy.MaximumEventAgeInSeconds': byName(ages),
  'Schedule Target.RetryPolicy.MaximumRetryAttempts': byName(retries),
  'EventInvokeConfig MaximumEventAgeInSeconds': byName(ages),
  'EventInvokeConfig MaximumRetryAttempts': byName(retries),
  'Function Timeout': (found) => {
    if (/Migrations|ResourceProvider/.test(found.id)) return LAMBDA;
    return isRetired(found) ? MINUTE : (functionTimes[nameOf(found)] ?? MINUTE);
  },
  'LogGroup RetentionInDays': MONTH_IN_DAYS,
  'DBCluster BackupRetentionPeriod': 14,
  // The time that costs nothing.
  'DBCluster PerformanceInsightsRetentionPeriod': 7,
  'RecordSet TTL': MINUTE,
  'Bucket CorsConfiguration.CorsRules.MaxAge': HOUR,
  'Bucket LifecycleConfiguration.Rules.AbortIncompleteMultipartUpload.DaysAfterInitiation': 1,
  'Bucket LifecycleConfiguration.Rules.ExpirationInDays': byName(objectDays),
  // As docs/runbook.md promises to those who deleted a photo.
  'Bucket LifecycleConfiguration.Rules.NoncurrentVersionExpiration.NoncurrentDays': MONTH_IN_DAYS,
  'Queue MessageRetentionPeriod': (found) => (found.properties.RedrivePolicy ? 4 * 24 * HOUR : TWO_WEEKS),
  // SQS-1: six times the time of the function that takes its messages.
  'Queue VisibilityTimeout': 6 * (functionTimes.TiersPhotoWorkerFunction ?? 0),
  'RotationSchedule RotationRules.ScheduleExpression': 'rate(30 days)',
  'Canary Schedule.Expression': 'rate(5 minutes)',
  'Canary RunConfig.TimeoutInSeconds': MINUTE,
  'Canary SuccessRetentionPeriod': MONTH_IN_DAYS + 1,
  'Canary FailureRetentionPeriod': MONTH_IN_DAYS + 1,
  // No end: it runs until it is stopped.
  'Canary Schedule.DurationInSeconds': 0,
  'WebACL Rules.Statement.RateBasedStatement.EvaluationWindowSec': 5 * MINUTE,
  // A full minute longer than the function may take (rule CDK-16); the box may boot besides.
  ServiceTimeout: (found) => served(found) + (/Release/.test(found.id) ? 5 : 1) * MINUTE,
};

const DURATION =
  /(Timeout|Seconds|_seconds|Sec|TTL|Days|DaysAfterInitiation|Period|PauseTime|BakeTime|Warmup|MaxAge|RetryAttempts|ScheduleExpression|Schedule\.Expression)$/;

interface Found {
  readonly found: DeployedResource;
  readonly kind: string;
  readonly value: number | string;
}

/** Every value that is a duration, with the path that leads to it. */
function durationsIn(found: DeployedResource): Found[] {
  const { Type, CreationPolicy, UpdatePolicy } = found.resource as unknown as Record<string, Json> & {
    Type: string;
  };
  const at = (path: string, value: Json): Found[] => {
    if (Array.isArray(value)) return value.flatMap((one) => at(path, one));
    if (value && typeof value === 'object') {
      const { Key, Value } = value as { Key?: string; Value?: Json };
      if (Key && Value !== undefined) return at(`${path}.${Key}`, Value);
      return Object.entries(value).flatMap(([name, inner]) => at(path ? `${path}.${name}` : name, inner));
    }
    if (!DURATION.test(path) || typeof value === 'boolean') return [];
    const kind = path === 'ServiceTimeout' ? path : `${Type.replace(/^.*::/, '')} ${path}`;
    return [{ found, kind, value: inSeconds(value) }];
  };
  return at('', {
    ...found.properties,
    ...(CreationPolicy && { CreationPolicy }),
    ...(UpdatePolicy && { UpdatePolicy }),
  });
}

const inSeconds = (value: Json): number | string => {
  const [, minutes] = /^PT(\d+)M$/.exec(String(value)) ?? [];
  if (minutes) return Number(minutes) * MINUTE;
  return Number.isNaN(Number(value)) ? String(value) : Number(value);
};

// Those of alarms are in alarms.test.ts, and the hours of the warehouse in warehouse.test.ts.
const durations = resources()
  .filter(({ resource: { Type } }) => Type !== 'AWS::CloudWatch::Alarm')
  .flatMap(durationsIn)
  .filter(({ value }) => !String(value).startsWith('cron('));

test('every duration and every number of retries of every phase follows its rule', () => {
  const said = durations.map(({ found, kind, value }) => [found.phase, found.id, kind, value] as const);
  expect(said).toEqual(
    durations.map(({ found, kind }) => {
      const rule = rules[kind];
      return [found.phase, found.id, kind, typeof rule === 'function' ? rule(found) : rule];
    }),
  );
});

test('and no rule is of nothing', () => {
  const kinds = new Set(durations.map(({ kind }) => kind));
  expect(Object.keys(rules).filter((kind) => !kinds.has(kind))).toEqual([]);
  const names = new Set(durations.map(({ found }) => nameOf(found)));
  const tables = [functionTimes, retries, ages, objectDays].flatMap(Object.keys);
  expect(tables.filter((name) => !names.has(name))).toEqual([]);
});
