import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { jitteredSeconds } from '../runtime/retry-later';
import { type Jobs, QueueFullError, QueueUnavailableError } from './jobs';

/** SQS answers in tens of milliseconds; the SDK tries three times, with jitter in between. */
const REQUEST_MS = 2000;
const CALL_MS = 5000;
/** SQS itself takes about a minute until its count is right. */
const COUNT_EVERY_MS = 2000;

export interface SqsJobsOptions {
  readonly queueUrl: string;
  /** Beyond so many waiting messages, work is refused: about as many as workers finish in a minute. */
  readonly mostWaiting: number;
  /** Default: from the environment. */
  readonly config?: SQSClientConfig;
  /** Default 2 s. */
  readonly countEveryMs?: number;
}

export interface SqsJobs<Job> extends Jobs<Job> {
  close(): void;
}

/**
 * The sending side of an SQS queue. Its bound is soft: each process counts the messages that wait every two seconds, and
 * adds its own; processes that send at once overshoot by what they send in between.
 */
export function openSqsJobs<Job extends object>({
  queueUrl,
  mostWaiting,
  config,
  countEveryMs = COUNT_EVERY_MS,
}: SqsJobsOptions): SqsJobs<Job> {
  const client = new SQSClient({
    // The environment names the server, if it is another than that of the region.
    useQueueUrlAsEndpoint: false,
    // Without the second option, the first one only warns.
    requestHandler: {
      ...{ requestTimeout: REQUEST_MS, throwOnRequestTimeout: true, connectionTimeout: REQUEST_MS },
    },
    ...config,
  });
  const limits = () => ({ abortSignal: AbortSignal.timeout(CALL_MS) });
  let counted = Promise.resolve(0);
  let countedAt = Number.NEGATIVE_INFINITY;
  let sentSince = 0;

  const count = async (): Promise<number> => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      limits(),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  };
  const assertRoom = async (): Promise<void> => {
    if (performance.now() - countedAt >= countEveryMs) {
      countedAt = performance.now();
      sentSince = 0;
      // A queue that does not say its length may take messages all the same: sending one will tell.
      counted = count().catch(() => 0);
    }
    const waiting = (await counted) + sentSince;
    if (waiting >= mostWaiting)
      throw new QueueFullError(
        `${waiting} jobs wait, at most ${mostWaiting} may: try again in a moment`,
        jitteredSeconds(),
      );
  };

  return {
    assertRoom,
    send: async (job) => {
      await assertRoom();
      sentSince++;
      const message = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(job) });
      await client.send(message, limits()).catch((cause: unknown) => {
        throw new QueueUnavailableError(
          'The queue does not answer: try again in a moment',
          jitteredSeconds(),
          {
            cause,
          },
        );
      });
    },
    close: () => client.destroy(),
  };
}
