import { setTimeout as wait } from 'node:timers/promises';

/** Statements that a deploy adds to a role hold after some seconds, and the function may be called before. */
const longestMs = 30_000;

/** As the SDK names them, by service. */
const denied = ['AccessDenied', 'AccessDeniedException'];

/** The work's result; while AWS denies it, it is tried again for half a minute. */
export async function whenAllowed<Result>(
  work: () => Promise<Result>,
  { forMs = longestMs, pauseMs = 500 } = {},
): Promise<Result> {
  const end = Date.now() + forMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!denied.includes((error as Error).name) || Date.now() > end) throw error;
      await wait(pauseMs);
    }
  }
}
