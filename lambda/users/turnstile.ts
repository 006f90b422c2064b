import { BusyError } from './errors';

export interface TurnstileOptions {
  /** How much work runs at the same time. */
  readonly places: number;
  /** How much more may wait for a place; what comes then is refused. */
  readonly waiting: number;
}

export type Turnstile = <Result>(work: () => Promise<Result>) => Promise<Result>;

const RETRY_AFTER_SECONDS = 2;

/** Lets a bounded amount of work in, first come first served. @throws BusyError when the queue is full */
export function createTurnstile({ places, waiting }: TurnstileOptions): Turnstile {
  let free = places;
  const queue: (() => void)[] = [];

  const enter = async () => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (queue.length >= waiting) {
      throw new BusyError(`${places} run and ${waiting} wait already`, RETRY_AFTER_SECONDS);
    }
    await new Promise<void>((admitted) => queue.push(admitted));
  };
  // A place that has somebody waiting is handed over and never becomes free in between.
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
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
