import type { KnownProblem } from '../../shared/http/problems';
import { NoSuchAccountError } from '../accounts/errors';

/** The link was used, is older than half an hour, was replaced, or never was one. Deliberately does not tell which. */
export class LinkVoidError extends Error {
  override name = 'LinkVoidError';
}

export const LINK_VOID = {
  error: LinkVoidError,
  status: 403,
  type: 'link-void',
  title: 'This link does not work any more',
} as const satisfies KnownProblem;

export const NO_SUCH_ACCOUNT = {
  error: NoSuchAccountError,
  status: 404,
  type: 'no-such-account',
  title: 'No account has this e-mail',
} as const satisfies KnownProblem;

export const passwordLinkProblems: readonly KnownProblem[] = [LINK_VOID, NO_SUCH_ACCOUNT];
