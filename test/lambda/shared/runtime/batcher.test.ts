import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createBatcher } from '../../../../lambda/shared/runtime/batcher';
import { ReadOnlyMomentError } from '../../../../lambda/shared/runtime/retry-later';
import { runs } from '../../../support/rounds';

const answerOf = (job: number) => ({ job });
const never = async (): Promise<{ job: number }> => {
  throw new Error('alone was not expected');
};

test('the first caller does not wait; callers that arrive meanwhile share the next batch', async () => {
  const batches: number[][] = [];
  const run = createBatcher(
    async (jobs: readonly number[]) => {
      batches.push([...jobs]);
      await turn();
      return jobs.map(answerOf);
    },
    never,
    3,
  );
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(run));
  expect(answers).toEqual([1, 2, 3, 4, 5, 6].map(answerOf));
  expect(batches).toEqual([[1], [2, 3, 4], [5, 6]]);
});

test('each caller gets its own answer, one batch at a time, whatever fails or is left out', async () => {
  const behaviour = fc.array(fc.constantFrom('together', 'left out', 'fails its batch'), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(behaviour, fc.integer({ min: 1, max: 7 }), async (jobs, most) => {
      let running = 0;
      const run = createBatcher(
        async (batch: readonly number[]) => {
          expect(++running).toBe(1);
          expect(batch.length).toBeLessThanOrEqual(most);
          await turn();
          running--;
          if (batch.some((n) => jobs[n] === 'fails its batch')) throw new Error('the batch failed');
          return batch.map((n) => (jobs[n] === 'left out' ? undefined : answerOf(n)));
        },
        async (n) => answerOf(n),
        most,
      );
      const answers = await Promise.all(jobs.map((_, n) => run(n)));
      expect(answers).toEqual(jobs.map((_, n) => answerOf(n)));
    }),
    runs(100),
  );
});

test('a failure of one alone is that one’s failure', async () => {
  const run = createBatcher(
    async (jobs: readonly number[]) => jobs.map((job) => (job === 2 ? undefined : answerOf(job))),
    never,
    10,
  );
  const answers = await Promise.allSettled([1, 2, 3].map(run));
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('an item that shall be retried later is not tried alone at once', async () => {
  const run = createBatcher(() => Promise.reject(new ReadOnlyMomentError()), never, 10);
  const answers = await Promise.allSettled([1, 2].map(run));
  expect(answers).toEqual(
    [1, 2].map(() => ({ status: 'rejected', reason: expect.any(ReadOnlyMomentError) })),
  );
});
