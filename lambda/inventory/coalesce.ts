import { RetryLaterError } from '../shared/retry-later';

/**
 * Turns "do one" into "do those together that came while the last ones were under way", one batch at a time.
 * Who comes first waits for nobody; under load each batch holds what gathered. `together` answers each job, in order;
 * a job it leaves undefined is done by `alone`, and so is every job of a batch that throws, unless it was told to come
 * again later: alone it would only wait once more.
 */
export function coalesce<Job, Result extends object>(
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
