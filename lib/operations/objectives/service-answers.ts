import type { Duration } from 'aws-cdk-lib';
import type { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedService, WatchedTargets } from '../../compute/tiers';
import { targetMetrics } from '../metrics';
import { LATE, type Measured, shareOf } from './bad-answers';
import { serviceObjective } from './objectives';

/** The objective of a service, as the app balancer sees it (decision 0153). */
export const measuredObjective = ({ name, answers }: WatchedService): Measured => ({
  ...serviceObjective(name),
  badAnswers: (period) => badAnswersOf(answers, period),
});

/**
 * A balancer counts its own errors for all groups together, so those of one are what is left: requests that a target was
 * chosen for, less the right answers. That includes 5xx, lost connections, and clients that nginx made give up waiting.
 */
function badAnswersOf(answers: readonly WatchedTargets[], period: Duration): MathExpression {
  const groups = answers.map((targets, index) => countsOf(targets, `${index + 1}`, period));
  const sum = (expressions: readonly string[]) => `(${expressions.join(' + ')})`;
  return shareOf(
    sum(groups.map(({ bad }) => bad)),
    sum(groups.map(({ all }) => all)),
    period,
    Object.assign({}, ...groups.map(({ metrics }) => metrics)),
  );
}

/** An alarm takes ten metrics: five for each of two groups. */
function countsOf(targets: WatchedTargets, number: string, period: Duration) {
  const metric = targetMetrics(targets, targets);
  const right = ['2XX', '3XX', '4XX'] as const;
  const id = (name: string) => `${name}${number}`;
  const metrics: Record<string, Metric> = {
    [id('requests')]: metric('RequestCount', 'Sum', period),
    [id('late')]: metric('TargetResponseTime', LATE, period),
    ...Object.fromEntries(
      right.map((code) => [id(`c${code}`), metric(`HTTPCode_Target_${code}_Count`, 'Sum', period)]),
    ),
  };
  // No metric of a balancer has data while there is nothing to count.
  const filled = (name: string) => `FILL(${id(name)}, 0)`;
  const all = filled('requests');
  const bad = `${all} - ${right.map((code) => filled(`c${code}`)).join(' - ')} + ${filled('late')}`;
  return { all, bad, metrics };
}
