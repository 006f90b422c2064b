import type { KnownProblem } from '../shared/http/problems';
import { RetryLaterError } from '../shared/runtime/retry-later';
import { BusyError } from '../shared/runtime/semaphore';
import { accountProblems } from './accounts/errors';
import { passwordLinkProblems } from './password-links/errors';
import { sessionProblems } from './sessions/errors';
/** A budget of attempts is exhausted (throttle.ts). */
export class TooManyAttemptsError extends RetryLaterError {
  override name = 'TooManyAttemptsError';
}

export const TOO_MANY_ATTEMPTS = {
  error: TooManyAttemptsError,
  status: 429,
  type: 'too-many-attempts',
  title: 'Too many attempts',
} as const satisfies KnownProblem;

/** The queue for hashing passwords is full. */
export const LOGIN_BUSY = {
  error: BusyError,
  status: 503,
  type: 'busy',
  title: 'Too many log-ins at the moment',
} as const satisfies KnownProblem;

/** Every error of the service that has a problem type of its own. */
export const usersProblems: readonly KnownProblem[] = [
  ...accountProblems,
  ...sessionProblems,
  ...passwordLinkProblems,
  TOO_MANY_ATTEMPTS,
  LOGIN_BUSY,
];
