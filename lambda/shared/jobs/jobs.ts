import { RetryLaterError } from '../runtime/retry-later';

/**
 * Background work with at-least-once delivery. A job can run twice (after a worker died, or if it was sent twice), so
 * the work must be idempotent. Implementations: `in-process.ts` and `sqs.ts`.
 */
export interface Jobs<Job> {
  /** @throws QueueFullError, QueueUnavailableError */
  send(job: Job): Promise<void>;
  /** For work that would end with a job: it is refused before it begins. @throws QueueFullError */
  assertRoom(): Promise<void>;
}

/** The queue has no room: try again in a moment. */
export class QueueFullError extends RetryLaterError {
  override name = 'QueueFullError';
}

/** The queue does not answer. The job may be in it or not: send it again. */
export class QueueUnavailableError extends RetryLaterError {
  override name = 'QueueUnavailableError';
}
