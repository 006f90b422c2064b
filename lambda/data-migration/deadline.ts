/** Writes would have been paused for too long: the data has not moved. */
class FreezeTooLongError extends Error {
  override name = 'FreezeTooLongError';
}

/**
 * Runs work with a deadline. Rejects at the deadline without waiting for pending calls; the signal then prevents the
 * rest of the work from storing anything.
 * @throws FreezeTooLongError, or the reason of `outer`
 */
export async function withDeadline<Result>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const reason = new FreezeTooLongError(
    `Not everything could be copied within ${ms / 1000} s of paused writes`,
  );
  const timer = setTimeout(() => late.abort(reason), ms).unref();
  const signal = AbortSignal.any([outer, late.signal]);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
  }
}
