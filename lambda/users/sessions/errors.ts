import type { KnownProblem } from '../../shared/http/problems';

/** No account has this e-mail and password. Deliberately does not tell which of the two is wrong. */
export class WrongCredentialsError extends Error {
  override name = 'WrongCredentialsError';
}

/** The session does not exist, has ended or belongs to another user. Deliberately does not tell which. */
export class NoSuchSessionError extends Error {
  override name = 'NoSuchSessionError';
}

export const WRONG_CREDENTIALS = {
  error: WrongCredentialsError,
  status: 401,
  type: 'wrong-credentials',
  title: 'E-mail or password is wrong',
} as const satisfies KnownProblem;

export const NO_SUCH_SESSION = {
  error: NoSuchSessionError,
  status: 404,
  type: 'no-such-session',
  title: 'Session not found',
} as const satisfies KnownProblem;

export const sessionProblems: readonly KnownProblem[] = [WRONG_CREDENTIALS, NO_SUCH_SESSION];
