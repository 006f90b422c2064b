import { localConfig } from './local-aws';
import { createPhotoQueue } from './queues';

/**
 * `node sqs.ts`: fauxqs (1.9.2), an in-memory SQS, with the queue of photos. Prints its URL and those of the queues. It
 * checks no signatures, and a restart empties it: the sweeper of photos then queues them again.
 */
async function main(): Promise<void> {
  // The package has no CommonJS build.
  const { buildApp } = await import('fauxqs');
  const url = await buildApp({ logger: false }).listen({ port: 0, host: '127.0.0.1' });
  const { queue, deadLetters } = await createPhotoQueue(localConfig(url));
  console.log(`${url} ${queue} ${deadLetters}`);
}

void main();
