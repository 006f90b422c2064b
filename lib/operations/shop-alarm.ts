import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface ShopAlarm {
  readonly id: string;
  /** The event, in one sentence. */
  readonly what: string;
  /** The anchor of a heading in docs/runbook.md. */
  readonly section: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Periods of the metric in which it is beyond the threshold. */
  readonly periods: number;
  /** The number of periods among which they are. Default: `periods`, so all of them in a row. */
  readonly outOf?: number;
  readonly when?: 'above' | 'below';
  /** Treats missing data as breaching: for metrics that are reported every minute. */
  readonly silenceIsBad?: boolean;
}

export function createAlarm(scope: Construct, topic: ITopic, alarm: ShopAlarm): void {
  const created = new Alarm(scope, alarm.id, {
    alarmDescription: `${alarm.what} See docs/runbook.md#${alarm.section}`,
    metric: alarm.metric,
    threshold: alarm.threshold,
    evaluationPeriods: alarm.outOf ?? alarm.periods,
    ...(alarm.outOf && { datapointsToAlarm: alarm.periods }),
    comparisonOperator:
      alarm.when === 'below'
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: alarm.silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  created.addAlarmAction(new SnsAction(topic));
  created.addOkAction(new SnsAction(topic));
}
