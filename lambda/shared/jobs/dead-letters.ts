import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Queue, REASON } from './message-handler';

/** Seconds in which nobody else sees a letter that is looked at. */
const LOOK_SECONDS = 30;

export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  /** In words. */
  readonly reason: string;
}

/** The dead letters of a queue, for people: SQS has no way to look without receiving. */
export function openDeadLetters(
  client: SQSClient,
  { url, deadLetterUrl }: Pick<Queue, 'url' | 'deadLetterUrl'>,
) {
  const receive = async (): Promise<Message[]> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: deadLetterUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: LOOK_SECONDS,
        WaitTimeSeconds: 1,
        MessageAttributeNames: [REASON],
      }),
    );
    return Messages;
  };
  /** Each letter once: those that were looked at are hidden for a while. */
  async function* all(): AsyncGenerator<Message> {
    for (;;) {
      const messages = await receive();
      if (messages.length === 0) return;
      yield* messages;
    }
  }

  return {
    list: async (): Promise<DeadLetter[]> => {
      const letters: DeadLetter[] = [];
      for await (const message of all()) letters.push(letterOf(message));
      return letters;
    },
    /**
     * Puts every letter back into its queue and returns their number. SQS's own redrive only takes letters that its policy
     * made; ours are written by the worker, with a reason. A death in between sends a job twice, which is harmless.
     */
    redrive: async (): Promise<number> => {
      let number = 0;
      for await (const { Body: MessageBody, ReceiptHandle } of all()) {
        await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
        await client.send(new DeleteMessageCommand({ QueueUrl: deadLetterUrl, ReceiptHandle }));
        number++;
      }
      return number;
    },
  };
}

const letterOf = ({ MessageId = '', Body = '', MessageAttributes }: Message): DeadLetter => ({
  id: MessageId,
  body: Body,
  reason:
    MessageAttributes?.[REASON]?.StringValue ??
    'The worker ended without a word each time: killed, out of memory or out of time',
});
