import { Duration } from 'aws-cdk-lib';
import type { WatchedFunction } from '../compute/tiers';
import type { ShopAlarm } from './shop-alarm';

const period = Duration.minutes(5);

/** The alarms that AWS recommends for functions, for services that run as such. */
export function serviceFunctionAlarms({ id, function: fn, concurrency }: WatchedFunction): ShopAlarm[] {
  return [
    {
      id: `${id}FunctionErrors`,
      what: 'More than 10 invocations of a service in five minutes failed or ran out of time.',
      section: 'a-service-on-lambda-fails',
      metric: fn.metricErrors({ period, statistic: 'Sum' }),
      threshold: 10,
      periods: 1,
    },
    {
      id: `${id}FunctionThrottles`,
      what: 'Requests to a service were refused, since as many functions run as may.',
      section: 'a-service-on-lambda-is-at-its-maximum',
      metric: fn.metricThrottles({ period, statistic: 'Sum' }),
      threshold: 0,
      periods: 1,
    },
    {
      id: `${id}FunctionConcurrency`,
      what: `More than 80% of the ${concurrency} functions of a service that may run at a time have run for 15 minutes.`,
      section: 'a-service-on-lambda-is-at-its-maximum',
      metric: fn.metric('ConcurrentExecutions', { period, statistic: 'Maximum' }),
      threshold: 0.8 * concurrency,
      periods: 3,
    },
    {
      id: `${id}FunctionSlow`,
      what: 'The slowest 1% of invocations have taken more than a second for 15 minutes.',
      section: 'answers-are-slow',
      metric: fn.metricDuration({ period, statistic: 'p99' }),
      threshold: 1000,
      periods: 3,
    },
  ];
}
