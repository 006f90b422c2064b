import { BusyError, createSemaphore } from '../../../../lambda/shared/runtime/semaphore';

const gate = () => {
  const open: (() => void)[] = [];
  return { open, work: () => new Promise<void>((resolve) => open.push(resolve)) };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a turnstile', () => {
  it('lets no more in than it has places, and the rest in order', async () => {
    const turnstile = createSemaphore({ places: 2, waiting: 3 });
    const { open, work } = gate();
    const done: number[] = [];
    const all = [0, 1, 2, 3, 4].map((n) => turnstile(work).then(() => done.push(n)));
    await settle();
    expect(open).toHaveLength(2);
    for (let left = 5; left > 0; left--) {
      open.shift()?.();
      await settle();
    }
    await Promise.all(all);
    expect(done).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses work while the queue is full, with the time to retry', async () => {
    const turnstile = createSemaphore({ places: 1, waiting: 1 });
    const { open, work } = gate();
    const inside = turnstile(work);
    const waiting = turnstile(work);
    const refused = await turnstile(work).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(BusyError);
    expect((refused as BusyError).retryAfterSeconds).toBeGreaterThan(0);
    open.shift()?.();
    await inside;
    await settle();
    open.shift()?.();
    await waiting;
  });

  it('refuses work that would wait too long behind a slow dependency, though the queue has room', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const turnstile = createSemaphore({ places: 1, waiting: 1000, waitMs: 100 });
    const { open, work } = gate();
    const join = (count: number) => {
      for (let n = 0; n < count; n++) turnstile(work).catch(() => undefined);
    };
    join(200);
    for (let n = 0; n < 100; n++) {
      jest.advanceTimersByTime(50);
      await settle();
      open.shift()?.();
      await settle();
    }
    jest.useRealTimers();
    await expect(turnstile(work)).rejects.toMatchObject({ name: 'BusyError', retryAfterSeconds: 2 });
  });

  it('gives the place on when work fails', async () => {
    const turnstile = createSemaphore({ places: 1, waiting: 1 });
    const failing = turnstile(() => Promise.reject(new Error('work failed')));
    const next = turnstile(async () => 'next');
    await expect(failing).rejects.toThrow('work failed');
    await expect(next).resolves.toBe('next');
    await expect(turnstile(async () => 'later')).resolves.toBe('later');
  });
});
