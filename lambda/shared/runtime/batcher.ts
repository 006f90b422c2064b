import { RetryLaterError } from './retry-later';

/**
 * Collects the jobs that arrive while a batch runs into the next batch; an idle batcher starts the first job at once.
 * `together` returns a result per job, in order. `alone` runs the jobs whose result is undefined, and all jobs of a
 * batch that throws, except on RetryLaterError: alone, they would only wait once more.
 */
export function createBatcher<Job, Result extends object>(
  together: (jobs: readonly Job[]) => Promise<(Result | undefined)[]>,
  alone: (job: Job) => Promise<Result>,
  most: number,
): (job: Job) => Promise<Result> {
  let waiting: Waiting<Job, Result>[] = [];
  let busy = false;

  const runOne = async (batch: readonly Waiting<Job, Result>[]) => {
    const results = await together(batch.map(({ job }) => job)).catch((error: unknown) =>
      error instanceof RetryLaterError ? batch.map(() => Promise.reject(error)) : [],
    );
    batch.forEach(({ job, resolve }, place) => {
      resolve(results[place] ?? alone(job));
    });
  };

  const run = async () => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await runOne(batch);
    }
    busy = false;
  };

  return (job) =>
    new Promise((resolve) => {
      waiting.push({ job, resolve });
      if (!busy) void run();
    });
}

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly resolve: (result: Result | Promise<Result>) => void;
}
