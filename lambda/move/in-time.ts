/** Writes would have been held for too long: the data has stayed where it was. */
class FreezeTooLongError extends Error {
  override name = 'FreezeTooLongError';
}

/**
 * Ends when the work does, or when its time is up although an answer is still out: the signal then keeps what is left
 * of the work from storing anything.
 * @throws FreezeTooLongError, or why `outer` was aborted
 */
export async function inTime<Result>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const reason = new FreezeTooLongError(
    `Writes were held for ${ms / 1000} s, and not everything was carried`,
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
