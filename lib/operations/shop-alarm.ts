import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';

export interface ShopAlarm {
  readonly id: string;
  /** What happened, in a sentence. */
  readonly what: string;
  /** The heading in docs/runbook.md, as its anchor. */
  readonly section: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Consecutive periods of the metric. */
  readonly periods: number;
  readonly when?: 'above' | 'below';
  /** Silence is bad news too: for what reports every minute while it lives. */
  readonly silenceIsBad?: boolean;
}

export function createAlarm(scope: Construct, topic: ITopic, alarm: ShopAlarm): void {
  const created = new Alarm(scope, alarm.id, {
    alarmDescription: `${alarm.what} See docs/runbook.md#${alarm.section}`,
    metric: alarm.metric,
    threshold: alarm.threshold,
    evaluationPeriods: alarm.periods,
    comparisonOperator:
      alarm.when === 'below'
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: alarm.silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  created.addAlarmAction(new SnsAction(topic));
  created.addOkAction(new SnsAction(topic));
}
