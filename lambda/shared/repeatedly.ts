import type { Logger } from './log';

/**
 * Does a job about every `everyMs` until the function that it returns is called, which waits for what is under way.
 * A failure is logged and the next turn comes. Several processes may do the same job.
 */
export function repeatedly(job: () => Promise<unknown>, log: Logger, everyMs: number): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = Promise.resolve();

  const once = async () => {
    try {
      await job();
    } catch (error) {
      log.warn({ err: error }, 'a background job failed: will try again');
    }
    if (!stopped) later();
  };
  /** Processes that started together drift apart. */
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
