import { createQueueBound, type QueueBoundOptions } from './queue-bound';
import { RetryLaterError } from './retry-later';

/** The queue of a semaphore is full. */
export class BusyError extends RetryLaterError {
  override name = 'BusyError';
}

/** Calls beyond the bound of the queue are refused. */
export interface SemaphoreOptions extends QueueBoundOptions {
  /** Maximum number of concurrent calls. */
  readonly places: number;
}

export type Semaphore = <Result>(work: () => Promise<Result>) => Promise<Result>;

const RETRY_AFTER_SECONDS = 2;

/** Limits concurrent work, first come, first served. @throws BusyError if the queue is full */
export function createSemaphore({ places, waiting, waitMs }: SemaphoreOptions): Semaphore {
  const bound = createQueueBound({ waiting, waitMs });
  let free = places;
  const queue: (() => void)[] = [];

  const enter = async () => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (bound.isFull(queue.length)) {
      throw new BusyError(
        `The server is busy (${places} running, ${queue.length} waiting): try again in a moment`,
        RETRY_AFTER_SECONDS,
      );
    }
    await new Promise<void>((admitted) => queue.push(admitted));
  };
  // The place is handed over to the next in the queue and never becomes free in between.
  const leave = () => {
    const next = queue.shift();
    if (!next) {
      free += 1;
      return;
    }
    bound.moved(queue.length);
    next();
  };

  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
