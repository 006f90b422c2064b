import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createInProcessJobs } from '../../../../lambda/shared/jobs/in-process';
import { QueueFullError } from '../../../../lambda/shared/jobs/jobs';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { retryDelay } from '../../../../lambda/shared/runtime/retry-delay';

const log = createLog({ write: () => undefined });

/** Work whose ends the test decides. */
function gate() {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const work = (job: string) => {
    started.push(job);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  return { started, work, endOne: () => ends.shift()?.() };
}

it('works off what is sent in order, so many at once and no more', async () => {
  const { started, work, endOne } = gate();
  const jobs = createInProcessJobs({ work, log, concurrency: 2 });
  for (const job of ['a', 'b', 'c', 'd']) await jobs.send(job);
  expect(started).toEqual(['a', 'b']);
  endOne();
  await turn();
  expect(started).toEqual(['a', 'b', 'c']);
});

it('refuses more than it has room for, and has room again when something ends', async () => {
  const { work, endOne } = gate();
  const jobs = createInProcessJobs({ work, log, concurrency: 1, capacity: 2 });
  await jobs.send('a');
  await jobs.send('b');
  await expect(jobs.send('c')).rejects.toThrow(QueueFullError);
  endOne();
  await turn();
  await expect(jobs.send('c')).resolves.toBeUndefined();
});

it('tries again what failed, and forgets the failure when it succeeds', async () => {
  let tries = 0;
  const done = new Promise<void>((resolve) => {
    const work = async () => {
      if (++tries < 3) throw new Error('not yet');
      resolve();
    };
    void createInProcessJobs({ work, log, concurrency: 1, retryMs: 1 }).send('a');
  });
  await done;
  expect(tries).toBe(3);
});

it('gives up after so many attempts, says so in the log and lists it as dead, and goes on', async () => {
  const lines: string[] = [];
  const worked: string[] = [];
  const work = async (job: string) => {
    worked.push(job);
    if (job === 'poison') throw new Error('never');
  };
  const jobs = createInProcessJobs({
    work,
    log: createLog({ write: (line) => lines.push(line) }),
    concurrency: 1,
    attempts: 3,
    retryMs: 1,
  });
  await jobs.send('poison');
  while (jobs.dead.length === 0) await turn();
  expect(jobs.dead).toEqual([{ job: 'poison', error: new Error('never') }]);
  expect(worked).toEqual(['poison', 'poison', 'poison']);
  expect(lines.at(-1)).toContain('job failed for good');
  await jobs.send('good');
  expect(worked.at(-1)).toBe('good');
});

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

it('by default has room for 200, and tries five times, half a second after the first at most', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
  jest.spyOn(Math, 'random').mockReturnValue(0.999);
  const tries: number[] = [];
  const work = async (job: string) => {
    if (job === 'held') return new Promise<void>(() => undefined);
    tries.push(Date.now());
    throw new Error('never');
  };
  const jobs = createInProcessJobs({ work, log, concurrency: 2 });
  await jobs.send('poison');
  while (jobs.dead.length === 0) await jest.advanceTimersByTimeAsync(1);
  const pauses = tries.slice(1).map((at, n) => Math.round((at - (tries[n] ?? 0)) / 500));
  expect(pauses).toEqual([1, 2, 4, 8]);
  for (let n = 0; n < 200; n++) await jobs.send('held');
  await expect(jobs.send('held')).rejects.toThrow(QueueFullError);
});

it('counts what waits for another attempt as under way', async () => {
  const work = () => Promise.reject(new Error('later'));
  const jobs = createInProcessJobs({ work, log, concurrency: 1, capacity: 1, retryMs: 60_000 });
  await jobs.send('a');
  await turn();
  await expect(jobs.send('b')).rejects.toThrow(QueueFullError);
  await jobs.stop();
});

it('stops when what is worked on ended, and starts nothing more', async () => {
  const { started, work, endOne } = gate();
  const jobs = createInProcessJobs({ work, log, concurrency: 1 });
  await jobs.send('a');
  await jobs.send('b');
  let stopped = false;
  const stopping = jobs.stop().then(() => {
    stopped = true;
  });
  await turn();
  expect(stopped).toBe(false);
  endOne();
  await stopping;
  expect(started).toEqual(['a']);
  await expect(jobs.send('c')).rejects.toThrow(QueueFullError);
});

it('waits at random between nothing and a cap that doubles, a minute at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, chance) => {
        const delay = retryDelay(attempt, 500, () => chance);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.min(60_000, 500 * 2 ** (attempt - 1)));
      },
    ),
  );
  expect([1, 2, 3, 20].map((attempt) => retryDelay(attempt, 500, () => 1))).toEqual([
    500, 1000, 2000, 60_000,
  ]);
});
