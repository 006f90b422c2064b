import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from '../runtime/log';
import { retryDelay } from '../runtime/retry-delay';
import { sparseWarnings } from '../runtime/sparse-log';
import type { Received } from './message-handler';

/** A stop waits for the poll in hand: giving it up could leave messages with nobody until their time-out. */
const WAIT_SECONDS = 5;
/** SQS gives out ten at most. */
const MOST_AT_ONCE = 10;

export interface PollerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** True if the message is done with. */
  readonly handle: (message: Received) => Promise<boolean>;
  /** Messages that are worked off at a time; no more are received. */
  readonly concurrency: number;
  readonly log: Logger;
}

/** Works off a queue on hosts and on one's own machine, as Lambda's event source does. Returns the stop function. */
export function startPoller({
  client,
  queueUrl,
  handle,
  concurrency,
  log,
}: PollerOptions): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const warn = sparseWarnings(log, 'the queue does not answer');
  let stopped = false;
  let failures = 0;

  const receive = async (): Promise<Received[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: Math.min(MOST_AT_ONCE, concurrency - running.size),
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes }) => ({
      ...{ id: MessageId, receipt: ReceiptHandle, body: Body },
      receptions: Number(Attributes?.ApproximateReceiveCount ?? 1),
    }));
  };
  const run = async (message: Received): Promise<void> => {
    try {
      if (await handle(message))
        await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.receipt }));
    } catch (error) {
      log.warn({ err: error, messageId: message.id }, 'a message stays in the queue');
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        const messages = await receive();
        failures = 0;
        for (const message of messages) {
          const ended = run(message).then(() => {
            running.delete(ended);
          });
          running.add(ended);
        }
      } catch (error) {
        warn(error);
        failures += 1;
        await sleep(retryDelay(Math.min(failures, 6), 500));
      }
      if (running.size >= concurrency) await Promise.race(running);
    }
    await Promise.all(running);
  };
  const looping = loop();
  return async () => {
    stopped = true;
    await looping;
  };
}
