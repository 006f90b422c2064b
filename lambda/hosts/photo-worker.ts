import { availableParallelism } from 'node:os';
import { stopSignal } from '../shared/http/serve';
import { startPoller } from '../shared/jobs/poller';
import { createLog } from '../shared/runtime/log';
import { surviveOutputErrors } from '../shared/runtime/log-writer';
import { openPhotoMessages } from '../thumbnails/photo-messages';

/** The worker of photos as a process, on EC2 or on one's own machine: what the function does, by asking the queue itself. */
async function main(): Promise<void> {
  surviveOutputErrors();
  const log = createLog();
  const { client, queue, handle, close } = await openPhotoMessages(process.env, log);
  const stop = startPoller({
    ...{ client, queueUrl: queue.url, handle, log },
    // A picture takes a core for as long as it is rendered.
    concurrency: Math.max(1, availableParallelism() - 1),
  });
  log.info({ service: 'photo worker' }, 'serving');
  log.info({ signal: await stopSignal() }, 'stopping');
  await stop();
  close();
}

main().catch((error: unknown) => {
  createLog().fatal({ err: error }, 'the photo worker could not start or stop');
  process.exitCode = 1;
});
