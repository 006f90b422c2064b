import type { KnownProblem } from '../../shared/http/problems';

/** An account with this e-mail exists. */
export class EmailTakenError extends Error {
  override name = 'EmailTakenError';
}

/** The password is the account's own e-mail or name. */
export class GuessablePasswordError extends Error {
  override name = 'GuessablePasswordError';
}

/** The given password is not the one of the account that is logged in. */
export class WrongPasswordError extends Error {
  override name = 'WrongPasswordError';
}

/** No account has this e-mail. Only staff are told. */
export class NoSuchAccountError extends Error {
  override name = 'NoSuchAccountError';
}

export const EMAIL_TAKEN = {
  error: EmailTakenError,
  status: 409,
  type: 'email-taken',
  title: 'An account with this e-mail exists',
} as const satisfies KnownProblem;

export const GUESSABLE_PASSWORD = {
  error: GuessablePasswordError,
  status: 400,
  type: 'guessable-password',
  title: 'This password is easy to guess',
} as const satisfies KnownProblem;

export const WRONG_PASSWORD = {
  error: WrongPasswordError,
  status: 403,
  type: 'wrong-password',
  title: 'The password is wrong',
} as const satisfies KnownProblem;

export const accountProblems: readonly KnownProblem[] = [EMAIL_TAKEN, GUESSABLE_PASSWORD, WRONG_PASSWORD];
