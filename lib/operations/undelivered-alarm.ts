import { Duration } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { ShopAlarm } from './shop-alarm';

/** Events in the queue were given up after all repeats (rule SQS-6). */
export function undeliveredAlarm(queue: IQueue): ShopAlarm {
  return {
    id: 'IncidentsUndelivered',
    what: 'An alarm or an error could not be reported to PagerDuty or Sentry, after all repeats.',
    section: 'incidents-are-not-delivered',
    metric: queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(5),
      statistic: 'Maximum',
    }),
    threshold: 0,
    periods: 1,
  };
}
