/** What was refused now may be tried again later. HTTP says when in Retry-After. */
export abstract class RetryLaterError extends Error {
  constructor(
    message: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Writes are held for a moment, while data changes its place; reads go on. */
export class ReadOnlyMomentError extends RetryLaterError {
  override name = 'ReadOnlyMomentError';
  constructor() {
    super(
      'The shop takes no changes for a moment, since its data is being moved: try again in a few seconds',
      5,
    );
  }
}
