import type { Logger } from '../runtime/log';

/**
 * Runs a job about every `everyMs`. Returns the stop function, which waits for a running job.
 * Failures are logged and do not stop the next run. Several processes may run the same job.
 */
export function startPeriodicTask(
  job: () => Promise<unknown>,
  log: Logger,
  everyMs: number,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = Promise.resolve();

  const once = async () => {
    try {
      await job();
    } catch (error) {
      log.warn({ err: error }, 'a background job failed: will retry');
    }
    if (!stopped) later();
  };
  /** Jitter, so that processes that started together do not run it together. */
  const later = () => {
    timer = setTimeout(
      () => {
        running = once();
      },
      everyMs * (0.5 + Math.random()),
    ).unref();
  };

  later();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
