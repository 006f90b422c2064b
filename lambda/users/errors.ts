import type { KnownProblem } from '../shared/problems';
import { RetryLaterError } from '../shared/retry-later';

/** An account with this e-mail exists. */
export class EmailTakenError extends Error {
  override name = 'EmailTakenError';
}

/** The password is the account's own e-mail or name. */
export class GuessablePasswordError extends Error {
  override name = 'GuessablePasswordError';
}

/** No account has this e-mail and password; deliberately not which of the two is wrong. */
export class WrongCredentialsError extends Error {
  override name = 'WrongCredentialsError';
}

/** Who is logged in gave a password that is not theirs. */
export class WrongPasswordError extends Error {
  override name = 'WrongPasswordError';
}

/** The session does not exist, has ended, or is somebody else's; deliberately not which. */
export class NoSuchSessionError extends Error {
  override name = 'NoSuchSessionError';
}

/** No account has this e-mail. Only the staff command says so; HTTP never does. */
export class NoSuchAccountError extends Error {
  override name = 'NoSuchAccountError';
}

/** A budget of attempts is used up (throttle.ts). */
export class TooManyAttemptsError extends RetryLaterError {
  override name = 'TooManyAttemptsError';
}

/** As many passwords are being hashed and waiting as this process takes on. */
export class BusyError extends RetryLaterError {
  override name = 'BusyError';
}

/** How HTTP says them. */
export const usersProblems = [
  { error: EmailTakenError, status: 409, type: 'email-taken', title: 'This e-mail has an account' },
  {
    error: GuessablePasswordError,
    status: 400,
    type: 'guessable-password',
    title: 'This password is easy to guess',
  },
  {
    error: WrongCredentialsError,
    status: 401,
    type: 'wrong-credentials',
    title: 'E-mail or password is wrong',
  },
  { error: WrongPasswordError, status: 403, type: 'wrong-password', title: 'The password is wrong' },
  { error: NoSuchSessionError, status: 404, type: 'no-such-session', title: 'You have no such session' },
  { error: TooManyAttemptsError, status: 429, type: 'too-many-attempts', title: 'Too many attempts' },
  { error: BusyError, status: 503, type: 'busy', title: 'Too many people log in at this moment' },
] as const satisfies readonly KnownProblem[];
