import type { Duration } from 'aws-cdk-lib';
import { MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedBalancer } from '../../compute/tiers';
import { balancerMetrics, countMetrics } from '../metrics';
import { ANSWER_COUNTS } from './answer-counts';
import { LATEST_ANSWER_SECONDS, LEAST_BAD_ANSWERS, type Objective, objectives } from './objectives';

export interface AnswerSources {
  /** The balancer of the web servers. */
  readonly webBalancer: Pick<WatchedBalancer, 'fullName'>;
  /** Of the counted answers. */
  readonly namespace: string;
}

/** An objective with the metric that says how well it is kept. */
export interface Measured extends Objective {
  /** The share of bad answers in each period, in percent. */
  badAnswers(period: Duration): MathExpression;
}

export const shopperObjectives = (sources: AnswerSources): Measured[] =>
  objectives.map((objective) => ({
    ...objective,
    badAnswers: (period) =>
      objective.id === 'Browse' ? ofTheBalancer(sources, period) : counted(objective.id, sources, period),
  }));

/**
 * Nearly all requests browse, so the objective counts all that come to the web servers. An error that came late counts
 * twice, which is on the safe side.
 */
function ofTheBalancer({ webBalancer }: AnswerSources, period: Duration): MathExpression {
  const metric = balancerMetrics(webBalancer);
  const sum = (metricName: string) => metric(metricName, 'Sum', period);
  // No metric of a balancer has data while there is nothing to count. Requests that it answered itself count apart.
  const bad = '(FILL(errors, 0) + FILL(unanswered, 0) + FILL(late, 0))';
  return shareOf(bad, '(FILL(requests, 0) + FILL(unanswered, 0))', period, {
    requests: sum('RequestCount'),
    errors: sum('HTTPCode_Target_5XX_Count'),
    unanswered: sum('HTTPCode_ELB_5XX_Count'),
    late: metric('TargetResponseTime', LATE, period),
  });
}

function counted(id: keyof typeof ANSWER_COUNTS, { namespace }: AnswerSources, period: Duration) {
  const sum = (metricName: string) => countMetrics(namespace)(metricName, 'Sum', period);
  // Unique, since a graph may have several objectives.
  const [all, bad] = [`all${id}`, `bad${id}`];
  return shareOf(bad, all, period, {
    [all]: sum(ANSWER_COUNTS[id].all),
    [bad]: sum(ANSWER_COUNTS[id].bad),
  });
}

/** The statistic that counts answers which came too late. */
export const LATE = `TC(${LATEST_ANSWER_SECONDS}:)`;

/** @param bad and all: expressions over the metrics */
export const shareOf = (bad: string, all: string, period: Duration, usingMetrics: Record<string, Metric>) =>
  new MathExpression({
    expression: `IF(${bad} > ${LEAST_BAD_ANSWERS}, 100 * ${bad} / ${all}, 0)`,
    label: 'Bad answers, in percent',
    usingMetrics,
    period,
  });
