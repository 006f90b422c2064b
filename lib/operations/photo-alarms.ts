import { Duration } from 'aws-cdk-lib';
import { Operation } from 'aws-cdk-lib/aws-dynamodb';
import type { PhotoWorker } from '../compute/photos/photo-worker';
import type { PhotoStore } from '../data/photo-store';
import type { ShopAlarm } from './shop-alarm';

const period = Duration.minutes(5);

/** Those that the app makes (`lib/data/shop-table.ts`). */
const OPERATIONS = [
  ...[Operation.GET_ITEM, Operation.QUERY, Operation.PUT_ITEM, Operation.UPDATE_ITEM],
  ...[Operation.DELETE_ITEM, Operation.SCAN],
];

export interface PhotoAlarmsOptions {
  readonly photos: PhotoStore;
  readonly worker: PhotoWorker;
}

/** The alarms that AWS recommends for a queue, its function and a table (rules SQS-6 and OPS-1). */
export function photoAlarms({ photos, worker: { function: fn } }: PhotoAlarmsOptions): ShopAlarm[] {
  const { table, queue, deadLetters, workers } = photos;
  return [
    {
      id: 'PhotosFailed',
      what: 'Photos could not be rendered after all repeats, and wait for a person.',
      section: 'photos-cannot-be-rendered',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'PhotosLate',
      what: 'A photo has waited for more than five minutes to be rendered.',
      section: 'photos-wait-too-long',
      metric: queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      threshold: 300,
      periods: 1,
    },
    {
      id: 'PhotoQueueFull',
      what: `More than 80% of the ${workers.mostWaiting} photos that may wait do so: beyond, uploads are refused.`,
      section: 'photos-wait-too-long',
      metric: queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      threshold: 0.8 * workers.mostWaiting,
      periods: 1,
    },
    {
      id: 'PhotoWorkerErrors',
      what: 'The worker of photos ended without a word: out of memory, out of time, or without its rights.',
      section: 'photos-cannot-be-rendered',
      metric: fn.metricErrors({ period, statistic: 'Sum' }),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'PhotoWorkerThrottles',
      what: 'Workers of photos were refused for 15 minutes: other functions use up what the account may run.',
      section: 'photos-wait-too-long',
      metric: fn.metricThrottles({ period, statistic: 'Sum' }),
      threshold: 0,
      periods: 3,
    },
    {
      id: 'PhotoTableThrottled',
      what: 'The table of photos refused requests, being asked for too much at once.',
      section: 'the-photo-table-refuses-requests',
      metric: table.metricThrottledRequestsForOperations({
        period,
        operations: OPERATIONS,
      }),
      threshold: 0,
      periods: 1,
    },
    {
      id: 'PhotoTableErrors',
      what: 'DynamoDB failed requests to the table of photos.',
      section: 'the-photo-table-refuses-requests',
      metric: table.metricSystemErrorsForOperations({
        period,
        operations: OPERATIONS,
      }),
      threshold: 0,
      periods: 1,
    },
  ];
}
