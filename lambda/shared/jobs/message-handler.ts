import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from '../runtime/log';
import { messagePause } from '../runtime/retry-delay';

/** The attribute of a dead letter that says why it is one. */
export const REASON = 'reason';

export interface Queue {
  readonly url: string;
  readonly deadLetterUrl: string;
  /** After so many receptions a message is given up; the queue's own redrive policy must allow as many. */
  readonly attempts: number;
}

export interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  /** Of this message, this one included. */
  readonly receptions: number;
}

export interface MessageHandlerOptions<Job> {
  readonly client: SQSClient;
  readonly queue: Queue;
  /** @throws Error if the body is no job */
  readonly parse: (body: string) => Job;
  readonly work: (job: Job) => Promise<void>;
  /** Called for a job that will not be tried again by itself. */
  readonly givenUp?: (job: Job) => Promise<unknown>;
  readonly log: Logger;
  /** The cap of the first pause; see `messagePause`. Default 4 s. */
  readonly retryMs?: number;
}

/**
 * Does the job of a message, wherever it was received. True if the message is done with: it was worked off, or is in the
 * dead letters with a reason. Otherwise the queue gives it out again, after a pause with jitter that grows.
 */
export function createMessageHandler<Job>(options: MessageHandlerOptions<Job>) {
  const { client, queue, parse, work, givenUp, log, retryMs = 4000 } = options;

  const giveUp = async ({ id, body }: Received, reason: string): Promise<true> => {
    log.error({ messageId: id, body, reason }, 'a job failed for good: see `npm run photos -- show`');
    await client.send(
      new SendMessageCommand({
        QueueUrl: queue.deadLetterUrl,
        MessageBody: body,
        // An attribute must not be empty, and its characters are those of XML.
        MessageAttributes: { [REASON]: { DataType: 'String', StringValue: printable(reason) || 'unknown' } },
      }),
    );
    return true;
  };

  return async (message: Received): Promise<boolean> => {
    let job: Job;
    try {
      job = parse(message.body);
    } catch (error) {
      return giveUp(message, `The message is no job: ${(error as Error).message}`);
    }
    try {
      await work(job);
      return true;
    } catch (error) {
      const { receptions, id } = message;
      if (receptions >= queue.attempts) {
        await givenUp?.(job);
        return giveUp(
          message,
          `Failed ${receptions} times, the last time by ${(error as Error).name}: ${(error as Error).message}`,
        );
      }
      log.warn({ err: error, messageId: id, job, receptions }, 'a job failed: will retry later');
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queue.url,
          ReceiptHandle: message.receipt,
          VisibilityTimeout: Math.ceil(messagePause(receptions, retryMs) / 1000),
        }),
      );
      return false;
    }
  };
}

const printable = (text: string) => text.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD]/g, ' ').slice(0, 1000);
