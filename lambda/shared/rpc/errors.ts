import { jitteredSeconds, RetryLaterError } from '../runtime/retry-later';

/** The other service did not answer in time, refused, or answered nonsense. */
export class ServiceUnavailableError extends RetryLaterError {
  override name = 'ServiceUnavailableError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, jitteredSeconds(), options);
  }
}
