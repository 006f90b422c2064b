import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { ATTEMPTS, RETENTION_DAYS, VISIBILITY_SECONDS } from '../../lambda/thumbnails/queue-limits';

const DAY_SECONDS = 24 * 60 * 60;

export interface PhotoQueueUrls {
  readonly queue: string;
  readonly deadLetters: string;
}

/** Creates the queue of photos and that of its dead letters, as the template does. Idempotent. */
export async function createPhotoQueue(
  config: SQSClientConfig,
  name = 'photos',
  visibilitySeconds = VISIBILITY_SECONDS,
): Promise<PhotoQueueUrls> {
  const client = new SQSClient(config);
  try {
    const create = async (QueueName: string, Attributes: Record<string, string>) =>
      (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
    const deadLetters = await create(`${name}-dead`, {
      MessageRetentionPeriod: `${RETENTION_DAYS.deadLetters * DAY_SECONDS}`,
    });
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: deadLetters, AttributeNames: ['QueueArn'] }),
    );
    const queue = await create(name, {
      VisibilityTimeout: `${visibilitySeconds}`,
      MessageRetentionPeriod: `${RETENTION_DAYS.queue * DAY_SECONDS}`,
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: Attributes?.QueueArn,
        maxReceiveCount: ATTEMPTS,
      }),
    });
    return { queue, deadLetters };
  } finally {
    client.destroy();
  }
}
