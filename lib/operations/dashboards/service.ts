import { Duration } from 'aws-cdk-lib';
import type { IMetric, IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { HOST_METRICS } from '../../../lambda/hosts/host-metrics';
import type { WatchedFunction, WatchedGroup, WatchedService, WatchedTargets } from '../../compute/tiers';
import { capitalized } from '../../phases';
import { fiveMinutes, groupMetrics, type MetricNamed, roleMetrics, targetMetrics } from '../metrics';
import type { Measured } from '../objectives/bad-answers';
import { budgets, graph, introduction, named } from './graph';
import { sizes } from './hosts';

export interface ServiceOptions {
  readonly service: WatchedService;
  /** Its groups on hosts, as the app balancer has them. */
  readonly groups: readonly WatchedGroup[];
  readonly functions: readonly WatchedFunction[];
  readonly objective: Measured;
  /** ARNs of the alarms on it. */
  readonly alarmArns: readonly string[];
  readonly namespace: string;
}

/** One service with everything that is its own: for those who release it. */
export function service(scope: Construct, options: ServiceOptions): IWidget[] {
  const { groups, functions, objective, alarmArns, namespace } = options;
  const { name, answers, calls } = options.service;
  return [
    introduction(`The ${name} service. How to read it: docs/runbook.md, "Reading the dashboards".`),
    budgets(scope, `${capitalized(name)}Shown`, alarmArns),
    graph('Bad answers, in percent of the objective of the service', [
      named(objective.id, objective.badAnswers(fiveMinutes)),
    ]),
    ...traffic('Requests of clients a minute, and seconds to answer 95%', answers),
    graph('Requests of clients that failed', failures(answers)),
    ...traffic('Calls of the other service a minute, and seconds to answer 95%', calls),
    ...(calls.length > 0 ? [graph('Calls of the other service that failed', failures(calls))] : []),
    ...(groups.length > 0 ? hosts(groups, namespace) : []),
    ...(functions.length > 0 ? onLambda(functions) : []),
  ];
}

function traffic(title: string, targets: readonly WatchedTargets[]): IWidget[] {
  if (targets.length === 0) return [];
  const minute = Duration.minutes(1);
  return [
    graph(
      title,
      ofEach(targets, (metric) => metric('RequestCount', 'Sum', minute)),
      ofEach(targets, (metric) => metric('TargetResponseTime', 'p95'), 'seconds'),
    ),
  ];
}

const failures = (targets: readonly WatchedTargets[]): IMetric[] => [
  ...ofEach(targets, (metric) => metric('HTTPCode_Target_5XX_Count', 'Sum'), 'answered 5xx'),
  ...ofEach(targets, (metric) => metric('TargetConnectionErrorCount', 'Sum'), 'not connected'),
];

const ofEach = (targets: readonly WatchedTargets[], one: (metric: MetricNamed) => Metric, words = '') =>
  targets.map((each) => named(`${each.group} ${words}`.trim(), one(targetMetrics(each, each))));

function hosts(groups: readonly WatchedGroup[], namespace: string): IWidget[] {
  const own = (metricName: string) =>
    groups.map(({ name }) => named(name, roleMetrics(namespace, name)(metricName)));
  return [
    graph('Hosts: wanted and in service', groups.flatMap(sizes)),
    graph(
      'CPU, in percent',
      groups.map(({ name, autoScalingGroupName }) =>
        named(name, groupMetrics('AWS/EC2', autoScalingGroupName)('CPUUtilization')),
      ),
    ),
    graph('JavaScript thread, in percent', own(HOST_METRICS.eventLoop)),
    graph('Requests refused for lack of room, in percent', own(HOST_METRICS.refused)),
  ];
}

function onLambda(functions: readonly WatchedFunction[]): IWidget[] {
  const of = (metricName: string, statistic: string) =>
    functions.map(({ id, function: fn }) =>
      named(id, fn.metric(metricName, { statistic, period: fiveMinutes })),
    );
  return [
    graph('Functions: running at a time', of('ConcurrentExecutions', 'Maximum')),
    graph('Functions: milliseconds of the slowest 1%', of('Duration', 'p99')),
    graph('Functions: invocations that failed', of('Errors', 'Sum')),
    graph('Functions: invocations refused', of('Throttles', 'Sum')),
  ];
}
