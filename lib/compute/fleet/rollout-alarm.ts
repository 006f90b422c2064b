import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface RolloutAlarmOptions {
  /** The role of the hosts, for the description. */
  readonly name: string;
  /** The dimensions in CloudWatch: `app/name/0123` and `targetgroup/name/0123`, of each balancer of the hosts. */
  readonly behind: readonly { readonly balancer: string; readonly targets: string }[];
  /** True if the balancer has hosts of another service, too. */
  readonly sharesBalancer: boolean;
  /** The share of requests that may end with 5xx in any minute, in percent. Default: none, but for a few. */
  readonly toleratedPercent?: number;
}

/**
 * Fires when the hosts of a group respond with errors, or not at all, so that the balancer does. It notifies nobody:
 * only the roll-out function reads it. Alarms for people are in the operations stack.
 */
export function rolloutAlarm(
  scope: Construct,
  id: string,
  { name, behind, sharesBalancer, toleratedPercent = 0 }: RolloutAlarmOptions,
): Alarm {
  const sum = (metricName: string, dimensionsMap: Record<string, string>) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap,
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
  const share = toleratedPercent / 100;
  const counted = behind.map(({ balancer, targets }, index) => {
    const [answered, unanswered, requests] = ['answered', 'unanswered', 'requests'].map(
      (each) => `${each}${index || ''}`,
    ) as [string, string, string];
    const ofTheGroup = { LoadBalancer: balancer, TargetGroup: targets };
    return {
      // No metric has data while there is nothing to count.
      expression: `FILL(${answered}, 0) + FILL(${unanswered}, 0)${
        share > 0 ? ` - ${share} * FILL(${requests}, 0)` : ''
      }`,
      metrics: {
        [answered]: sum('HTTPCode_Target_5XX_Count', ofTheGroup),
        // CloudWatch has responses of the balancer itself for all of its groups together, and these alone for one.
        [unanswered]: sharesBalancer
          ? sum('TargetConnectionErrorCount', ofTheGroup)
          : sum('HTTPCode_ELB_5XX_Count', { LoadBalancer: balancer }),
        ...(share > 0 && { [requests]: sum('RequestCount', ofTheGroup) }),
      },
    };
  });
  return new Alarm(scope, id, {
    alarmDescription: `Stops a roll-out: more than ${few} requests in a minute to the ${name} hosts${
      toleratedPercent > 0 ? ` beyond ${toleratedPercent}% of them` : ''
    } ended with a 5xx.`,
    metric: new MathExpression({
      expression: counted.map(({ expression }) => expression).join(' + '),
      label: 'Requests that ended with 5xx',
      usingMetrics: Object.assign({}, ...counted.map(({ metrics }) => metrics)),
      period: Duration.minutes(1),
    }),
    threshold: few,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    // Metrics of balancers are late, and FILL sets the newest minute to zero: one of the last five is enough.
    evaluationPeriods: 5,
    datapointsToAlarm: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** Tolerates a host that fails with requests in flight, which is not yet a bad release. */
const few = 5;
