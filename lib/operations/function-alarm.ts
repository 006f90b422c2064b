import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ShopAlarm } from './shop-alarm';

/** For asynchronous functions, whose errors would otherwise go unnoticed. */
export function functionAlarm(id: string, section: string, fn: IFunction): ShopAlarm {
  return {
    id,
    what: 'An infrastructure function failed.',
    section,
    metric: fn.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
    threshold: 0,
    periods: 1,
  };
}
