import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ShopAlarm } from './shop-alarm';

/** Functions that nobody waits for: their errors would be seen by nobody else. */
export function functionAlarm(id: string, section: string, fn: IFunction): ShopAlarm {
  return {
    id,
    what: 'A function of the infrastructure failed.',
    section,
    metric: fn.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
    threshold: 0,
    periods: 1,
  };
}
