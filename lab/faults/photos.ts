import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { localConfig } from '../../local/servers/local-aws';
import type { LabShop } from '../servers/shop';
import type { Fault } from './fault';
import { freeze, kill } from './signals';

/** The most messages of one request of SQS. */
const TOGETHER = 10;

/** Faults of what renders photos, and of what it uses. */
export const PHOTO_FAULTS: readonly Fault[] = [
  {
    name: 'kill-photo-worker',
    about: 'The worker of photos is killed; another one replaces it.',
    since: 6,
    seconds: 5,
    inject: kill('photo-worker'),
  },
  {
    name: 'fill-photos',
    about: 'The worker of photos is frozen for eight seconds, and its queue is full of other jobs.',
    since: 6,
    seconds: 8,
    inject: async (shop) => {
      const resume = await freeze(shop, 'photo-worker');
      await fill(shop);
      return resume;
    },
  },
  {
    name: 'freeze-s3',
    about: 'S3 is frozen for twenty seconds; connections to it stay open.',
    since: 6,
    seconds: 20,
    inject: (shop) => freeze(shop, 's3'),
  },
];

/** Jobs of photos that nobody uploaded: a worker looks for each, and is done with it. */
async function fill(shop: LabShop): Promise<void> {
  const queue = shop.photoQueue();
  const { photos } = shop.phase;
  if (!queue || photos === 'in-process') throw new Error(`Phase ${shop.phase.number} has no queue of photos`);
  const client = new SQSClient(localConfig(queue.queueServer));
  try {
    for (let sent = 0; sent < photos.mostWaiting; sent += TOGETHER) {
      const Entries = Array.from({ length: TOGETHER }, (_, n) => ({
        Id: String(n),
        MessageBody: JSON.stringify({ id: randomUUID(), productId: randomUUID() }),
      }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: queue.queue, Entries }));
    }
  } finally {
    client.destroy();
  }
}
