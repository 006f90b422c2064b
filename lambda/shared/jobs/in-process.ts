import type { Logger } from '../runtime/log';
import { retryDelay } from '../runtime/retry-delay';
import { jitteredSeconds } from '../runtime/retry-later';
import { type Jobs, QueueFullError } from './jobs';

export interface InProcessJobsOptions<Job> {
  /** A rejection means that the job is retried later. */
  readonly work: (job: Job) => Promise<void>;
  readonly log: Logger;
  /** Maximum number of jobs that run at once. */
  readonly concurrency: number;
  /** Maximum number of waiting, running and retrying jobs together. Default 200. */
  readonly capacity?: number;
  /** Maximum number of attempts per job. Default 5. */
  readonly attempts?: number;
  /** The cap of the first retry's delay; see `retryDelay`. Default 500. */
  readonly retryMs?: number;
}

export interface InProcessJobs<Job> extends Jobs<Job> {
  /** The latest failed jobs, for inspection; 100 at most. */
  readonly dead: readonly DeadJob<Job>[];
  /** Resolves when no job runs or waits, but for retries. */
  idle(): Promise<void>;
  /** Accepts no more jobs and resolves when the running ones have ended. Waiting jobs are dropped. */
  stop(): Promise<void>;
}

export interface DeadJob<Job> {
  readonly job: Job;
  readonly error: unknown;
}

/**
 * A job queue in the memory of this process. A restart loses it, so senders keep a record of unfinished work and send
 * it again.
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
      log.error({ err: error, job }, 'job failed for good');
      dead.push({ job, error });
      if (dead.length > 100) dead.shift();
    }
  };

  const retry = (job: Job, attempt: number, error: unknown): void => {
    log.warn({ err: error, job, attempt }, 'job failed: will retry later');
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

  const full = () =>
    new QueueFullError(`The queue is full (${capacity} jobs): try again in a moment`, jitteredSeconds());
  const assertRoom = async () => {
    if (waiting.length + running.size + retries.size >= capacity) throw full();
  };

  return {
    dead,
    assertRoom,
    send: async (job) => {
      if (stopped) throw full();
      await assertRoom();
      waiting.push({ job, attempt: 1 });
      fill();
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    stop: async () => {
      stopped = true;
      for (const timer of retries) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
