import { startPeriodicTask } from '../../../../lambda/shared/jobs/periodic-task';
import { createLog } from '../../../../lambda/shared/runtime/log';

describe('a background job', () => {
  const lines: string[] = [];
  const log = createLog({ write: (line: string) => void lines.push(line) });
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('runs about as often as it should, also after it failed', async () => {
    let runs = 0;
    const failing = () => {
      runs += 1;
      return Promise.reject(new Error('database is away'));
    };
    const stop = startPeriodicTask(failing, log, 60_000);
    expect(runs).toBe(0);
    await jest.advanceTimersByTimeAsync(15 * 60_000);
    expect(runs).toBeGreaterThanOrEqual(10);
    expect(runs).toBeLessThanOrEqual(30);
    for (const [chance, pause] of [
      [0, 30_000],
      [0.999999, 89_999],
    ] as const) {
      const random = jest.spyOn(Math, 'random').mockReturnValue(chance);
      await jest.advanceTimersByTimeAsync(90_000);
      const before = runs;
      await jest.advanceTimersByTimeAsync(10 * pause + 9);
      expect(runs - before).toBe(10);
      random.mockRestore();
    }
    expect(lines.map((line) => JSON.parse(line).msg)).toContain('a background job failed: will retry');
    expect(lines.join()).toContain('database is away');
    await stop();
  });

  it('stops after the work in progress', async () => {
    let finish = () => {};
    let runs = 0;
    const job = () => {
      runs += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const stop = startPeriodicTask(job, log, 60_000);
    await jest.advanceTimersByTimeAsync(90_000);
    let stopped = false;
    const stopping = stop().then(() => {
      stopped = true;
    });
    await jest.advanceTimersByTimeAsync(0);
    expect(stopped).toBe(false);
    finish();
    await stopping;
    await jest.advanceTimersByTimeAsync(10 * 60_000);
    expect(runs).toBe(1);
  });
});
