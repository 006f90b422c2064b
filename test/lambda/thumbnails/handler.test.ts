import { randomUUID } from 'node:crypto';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import { openDeadLetters } from '../../../lambda/shared/jobs/dead-letters';
import { startS3 } from '../../support/s3';
import { declare, smallPhoto } from '../inventory/photos/shop';
import { openQueuedShop } from './photo-queue';

const DAY = 24 * 60 * 60_000;

/** The function as it is deployed: its settings are in the environment, and it knows the servers by them alone. */
it('works off a batch, leaves only what failed in the queue, and tries again after a day what it gave up', async () => {
  const [{ queue, dynamo, sqs, items, table }, s3] = await Promise.all([openQueuedShop(), startS3()]);
  Object.assign(process.env, {
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId },
    ...{ AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, AWS_ENDPOINT_URL_SQS: sqs.url, AWS_ENDPOINT_URL_S3: s3.url },
    ...{ PHOTO_TABLE: 'photos', PHOTO_QUEUE: queue.url, PHOTO_DEAD_LETTERS: queue.deadLetterUrl },
    MEDIA: `s3://${s3.bucket}`,
  });
  const blobs = openS3Blobs(s3.bucket, {
    ...{ endpoint: s3.url, region: 'us-east-1', credentials: s3.credentials, forcePathStyle: true },
  });
  const bytes = await smallPhoto();
  const uploaded = async (stored: Uint8Array) => {
    const key = { id: randomUUID(), productId: randomUUID() };
    await items.insert({ ...key, ...declare(bytes), expiresAt: Date.now() }, 1, 9e12);
    await items.startProcessing(key, 9e12);
    await blobs.put(`uploads/${key.id}`, stored, 'image/jpeg');
    return key;
  };
  const good = await uploaded(bytes);
  const other = await uploaded(bytes);
  const differs = await uploaded(Buffer.from('another file'));
  const tried = await uploaded(bytes);
  // A table that is away for this one alone: an item that DynamoDB cannot have.
  const { handler } = await import('../../../lambda/thumbnails/handler');
  const record = (messageId: string, body: unknown, ApproximateReceiveCount = '1') => ({
    ...{ messageId, receiptHandle: 'none', body: JSON.stringify(body) },
    attributes: { ApproximateReceiveCount },
  });
  const answer = await handler({
    Records: [
      record('good', good),
      record('poison', 'no job'),
      record('differs', differs),
      record('other', other),
      record('twice', good, '2'),
    ],
  });
  expect(answer).toEqual({ batchItemFailures: [] });
  const status = async (key: typeof good) => (await items.find(key))?.status;
  expect(await Promise.all([good, other, differs, tried].map(status))).toEqual([
    ...['ready', 'ready', 'refused', 'processing'],
  ]);
  const letters = await openDeadLetters(sqs.client, queue).list();
  expect(letters).toMatchObject([{ reason: expect.stringContaining('The message is no job') }]);

  await s3.stop();
  const late = await handler({ Records: [record('late', tried), record('done', good)] });
  expect(late).toEqual({ batchItemFailures: [{ itemIdentifier: 'late' }] });
  const before = Date.now();
  const last = await handler({ Records: [record('last', tried, '5')] });
  expect(last).toEqual({ batchItemFailures: [] });
  const dueAt = Number((await table.get(tried, { consistent: true }))?.dueAt);
  expect(dueAt).toBeGreaterThanOrEqual(before + DAY);
  expect(dueAt).toBeLessThanOrEqual(Date.now() + DAY);
  const [letter] = await openDeadLetters(sqs.client, queue).list();
  expect(letter?.reason).toContain('Failed 5 times');
}, 60_000);
