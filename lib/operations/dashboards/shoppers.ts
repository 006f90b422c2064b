import { Duration } from 'aws-cdk-lib';
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { HOST_METRICS } from '../../../lambda/hosts/host-metrics';
import type { WatchedBalancer } from '../../compute/tiers';
import { balancerMetrics, cdnMetrics, countMetrics, fiveMinutes, roleMetrics } from '../metrics';
import { ANSWER_COUNTS } from '../objectives/answer-counts';
import type { Measured } from '../objectives/bad-answers';
import { budgets, graph, introduction, named } from './graph';

export interface ShoppersOptions {
  readonly webBalancer: WatchedBalancer;
  /** Of the hosts that run the app. */
  readonly appRoles: readonly string[];
  readonly namespace: string;
  readonly objectives: readonly Measured[];
  /** ARNs of the alarms on them. */
  readonly alarmArns: readonly string[];
  /** Absent without a CDN. */
  readonly distributionId?: string | undefined;
}

/** The answers that shoppers get: the first dashboard to open. */
export function shoppers(scope: Construct, options: ShoppersOptions): IWidget[] {
  const { webBalancer, appRoles, namespace, objectives, alarmArns, distributionId } = options;
  const web = balancerMetrics(webBalancer);
  const counted = countMetrics(namespace);
  return [
    introduction('What shoppers get. How to read it: docs/runbook.md, "Reading the dashboards".'),
    budgets(scope, 'Shown', alarmArns),
    graph(
      'Bad answers, in percent of each objective',
      objectives.map(({ id, badAnswers }) => named(id, badAnswers(fiveMinutes))),
    ),
    graph(
      'Requests to the web servers a minute, and seconds to answer',
      [named('requests', web('RequestCount', 'Sum', Duration.minutes(1)))],
      [
        named('half within', web('TargetResponseTime', 'p50')),
        named('95% within', web('TargetResponseTime', 'p95')),
        named('99% within', web('TargetResponseTime', 'p99')),
      ],
    ),
    graph('Errors that shoppers saw, by the place that answered', [
      named('web servers and behind', web('HTTPCode_Target_5XX_Count', 'Sum')),
      named('load balancer', web('HTTPCode_ELB_5XX_Count', 'Sum')),
    ]),
    graph(
      'Requests refused for lack of room, in percent',
      appRoles.map((role) => named(role, roleMetrics(namespace, role)(HOST_METRICS.refused))),
    ),
    graph(
      'Log-ins and reservations',
      Object.values(ANSWER_COUNTS).flatMap(({ all, bad }) => [
        named(all, counted(all, 'Sum')),
        named(bad, counted(bad, 'Sum')),
      ]),
    ),
    ...(distributionId ? [cdn(distributionId)] : []),
  ];
}

const cdn = (distributionId: string): IWidget => {
  const metric = cdnMetrics(distributionId);
  return graph(
    'The CDN: requests, and errors in percent',
    [named('requests', metric('Requests', 'Sum'))],
    [named('5xx', metric('5xxErrorRate')), named('4xx', metric('4xxErrorRate'))],
  );
};
