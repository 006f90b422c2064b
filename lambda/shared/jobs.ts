import type { Logger } from './log';

/**
 * Work for later. Every job is worked on at least once: twice is possible (a worker died, or somebody sent it twice),
 * so the work must come to the same end then.
 */
export interface Jobs<Job> {
  /** @throws QueueFullError when there is no room now */
  send(job: Job): Promise<void>;
}

/** More waits than can be worked off soon: try again in a moment. */
export class QueueFullError extends Error {
  override name = 'QueueFullError';
}

export interface InProcessJobsOptions<Job> {
  /** A rejection means: try again later. */
  readonly work: (job: Job) => Promise<void>;
  readonly log: Logger;
  /** How many are worked on at once. */
  readonly concurrency: number;
  /** How many may be under way altogether: waiting, worked on, or between two attempts. Default 200. */
  readonly capacity?: number;
  /** After that many the job is dead. Default 5. */
  readonly attempts?: number;
  /** The cap of the first retry's delay; see `retryDelay`. Default 500. */
  readonly retryMs?: number;
}

export interface InProcessJobs<Job> extends Jobs<Job> {
  /** The latest jobs that were given up, for somebody to look at: 100 at most. */
  readonly dead: readonly DeadJob<Job>[];
  /** Takes no more and resolves when what is worked on ended. What waits is forgotten. */
  stop(): Promise<void>;
}

export interface DeadJob<Job> {
  readonly job: Job;
  readonly error: unknown;
}

/**
 * Jobs in the memory of this process, which a restart forgets: whoever sends them keeps a record of what is to be done
 * and sends it again.
 */
export function createInProcessJobs<Job>({
  work,
  log,
  concurrency,
  capacity = 200,
  attempts = 5,
  retryMs = 500,
}: InProcessJobsOptions<Job>): InProcessJobs<Job> {
  const waiting: { job: Job; attempt: number }[] = [];
  const running = new Set<Promise<void>>();
  const retries = new Set<NodeJS.Timeout>();
  const dead: DeadJob<Job>[] = [];
  let stopped = false;

  const run = async (job: Job, attempt: number): Promise<void> => {
    try {
      await work(job);
    } catch (error) {
      if (attempt < attempts) return retry(job, attempt, error);
      log.error({ err: error, job }, 'job given up');
      dead.push({ job, error });
      if (dead.length > 100) dead.shift();
    }
  };

  const retry = (job: Job, attempt: number, error: unknown): void => {
    log.warn({ err: error, job, attempt }, 'job failed, tried again later');
    const timer = setTimeout(
      () => {
        retries.delete(timer);
        waiting.push({ job, attempt: attempt + 1 });
        fill();
      },
      retryDelay(attempt, retryMs),
    );
    retries.add(timer);
  };

  const fill = (): void => {
    while (!stopped && running.size < concurrency) {
      const next = waiting.shift();
      if (!next) return;
      const ended = run(next.job, next.attempt).then(() => {
        running.delete(ended);
        fill();
      });
      running.add(ended);
    }
  };

  return {
    dead,
    send: async (job) => {
      if (stopped || waiting.length + running.size + retries.size >= capacity) {
        throw new QueueFullError(`No room: at most ${capacity} jobs wait. Try again in a moment`);
      }
      waiting.push({ job, attempt: 1 });
      fill();
    },
    stop: async () => {
      stopped = true;
      for (const timer of retries) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

const LONGEST_DELAY_MS = 60_000;

/** Full jitter: anything up to a cap that doubles with every attempt, so that what failed together does not return together. */
export function retryDelay(attempt: number, firstMs: number, random = Math.random): number {
  return random() * Math.min(LONGEST_DELAY_MS, firstMs * 2 ** (attempt - 1));
}
