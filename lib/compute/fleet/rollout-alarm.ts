import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface RolloutAlarmProps {
  /** The hosts, as people name them. */
  readonly name: string;
  /** As CloudWatch names the two: `app/name/0123` and `targetgroup/name/0123`. */
  readonly balancer: string;
  readonly targets: string;
}

/**
 * Whether the hosts of a group answer with errors, or not at all, so that the balancer answers for them. It tells nobody:
 * it is there for the roll-out function. What people hear of is in the operations stack.
 */
export function rolloutAlarm(
  scope: Construct,
  id: string,
  { name, balancer, targets }: RolloutAlarmProps,
): Alarm {
  const errors = (metricName: string, dimensionsMap: Record<string, string>) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap,
      statistic: 'Sum',
      period: Duration.minutes(1),
    });
  return new Alarm(scope, id, {
    alarmDescription: `Stops a roll-out: more than ${few} requests of a minute to the ${name} hosts ended with 5xx.`,
    metric: new MathExpression({
      // Either is silent while there is nothing to count.
      expression: 'FILL(answered, 0) + FILL(unanswered, 0)',
      label: 'Requests that ended with 5xx',
      usingMetrics: {
        answered: errors('HTTPCode_Target_5XX_Count', { LoadBalancer: balancer, TargetGroup: targets }),
        // Of the whole balancer: CloudWatch has no count of these for a group.
        unanswered: errors('HTTPCode_ELB_5XX_Count', { LoadBalancer: balancer }),
      },
      period: Duration.minutes(1),
    }),
    threshold: few,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    // Balancers' minutes come late, and the newest would always be filled with zero: one of the last five is enough.
    evaluationPeriods: 5,
    datapointsToAlarm: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
}

/** A host that dies with requests in flight is not yet a bad release. */
const few = 5;
