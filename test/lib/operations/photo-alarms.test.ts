import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { PhotoWorker } from '../../../lib/compute/photos/photo-worker';
import { PhotoStore } from '../../../lib/data/photo-store';
import { photoAlarms } from '../../../lib/operations/photo-alarms';
import { uncheckedApp } from '../../support/unchecked-app';

const stack = new Stack(uncheckedApp());
const photos = new PhotoStore(stack, 'Photos', {
  key: new Key(stack, 'Key'),
  workers: { most: 4, mostWaiting: 200 },
});
const worker = {
  function: LambdaFunction.fromFunctionName(stack, 'Worker', 'worker'),
} as unknown as PhotoWorker;
const alarms = photoAlarms({ photos, worker });

test('photos that failed are looked for in the dead letters, and those that wait in the queue', () => {
  const watched = alarms.flatMap(({ id, metric }) => {
    const { dimensions, metricName } = metric as Metric;
    return dimensions?.QueueName === undefined ? [] : [[id, metricName, stack.resolve(dimensions.QueueName)]];
  });
  const [queue, deadLetters] = [photos.queue, photos.deadLetters].map((one) => stack.resolve(one.queueName));
  expect(queue).not.toEqual(deadLetters);
  expect(watched).toEqual([
    ['PhotosFailed', 'ApproximateNumberOfMessagesVisible', deadLetters],
    ['PhotosLate', 'ApproximateAgeOfOldestMessage', queue],
    ['PhotoQueueFull', 'ApproximateNumberOfMessagesVisible', queue],
  ]);
});
