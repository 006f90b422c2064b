import { setTimeout as wait } from 'node:timers/promises';

/** IAM changes of a deploy take effect after some seconds, and the function may be called earlier. */
const longestMs = 30_000;

/** As the SDK names them, by service. */
const denied = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];

/** Retries the work for half a minute while AWS denies access. */
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
