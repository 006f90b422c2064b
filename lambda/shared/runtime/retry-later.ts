/** The request may be retried later; HTTP responses set Retry-After. */
export abstract class RetryLaterError extends Error {
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Writes are paused while data is being moved; reads go on. */
export class ReadOnlyMomentError extends RetryLaterError {
  override name = 'ReadOnlyMomentError';
  constructor() {
    super('Changes are paused while the shop moves its data: try again in a few seconds', 5);
  }
}

export const TOO_MANY_REQUESTS = 'There are too many requests at the moment: try again in a few seconds';

/** From 1 to 5: clients that were refused together do not come back together. */
export const jitteredSeconds = (): number => 1 + Math.floor(Math.random() * 5);

/** More work than this process or one of its dependencies can do. Nothing of this request was done. */
export class OverloadedError extends RetryLaterError {
  override name = 'OverloadedError';
  constructor() {
    super(TOO_MANY_REQUESTS, jitteredSeconds());
  }
}
