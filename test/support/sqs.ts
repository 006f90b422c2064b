import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createPhotoQueue } from '../../local/servers/queues';
import { cleanup } from './cleanup';
import { startFauxqs } from './fauxqs';

export const sqsConfig = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

let made = 0;

/** An SQS, ended after the test, and queues on it. */
export async function startSqs() {
  const { url, stop } = await startFauxqs();
  const config = sqsConfig(url);
  const client = new SQSClient(config);
  cleanup(async () => client.destroy());
  return {
    url,
    config,
    client,
    stop,
    /** A queue and that of its dead letters, of the test's own. */
    queue: async (visibilitySeconds?: number) => {
      made += 1;
      const { queue, deadLetters } = await createPhotoQueue(config, `photos-${made}`, visibilitySeconds);
      const receive = async (QueueUrl: string) => {
        const { Messages = [] } = await client.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
            MessageAttributeNames: ['All'],
          }),
        );
        return Messages;
      };
      return {
        url: queue,
        deadLetterUrl: deadLetters,
        attempts: 5,
        receive: () => receive(queue),
        receiveDead: () => receive(deadLetters),
        send: (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody })),
      };
    },
  };
}
