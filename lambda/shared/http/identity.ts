import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { jitteredSeconds, RetryLaterError } from '../runtime/retry-later';

export type Role = 'customer' | 'staff';

/** The user who sent a request. */
export interface Identity {
  readonly userId: string;
  readonly role: Role;
}

/**
 * Resolves a session token to its user; undefined if it is not valid. In process, or through the user service.
 * `record` asks for the present state, past copies of sessions.
 */
export type Identify<Known extends Identity = Identity> = (
  token: string,
  from?: 'record',
) => Promise<Known | undefined>;

export class NotLoggedInError extends Error {
  override name = 'NotLoggedInError';
}

export class NotAllowedError extends Error {
  override name = 'NotAllowedError';
}

/** The user service did not answer: the caller's identity is unknown, which is not the same as anonymous. */
export class UsersUnavailableError extends RetryLaterError {
  override name = 'UsersUnavailableError';
  constructor(options?: ErrorOptions) {
    super(
      'It is not known at the moment who you are: try again in a few seconds',
      jitteredSeconds(),
      options,
    );
  }
}

/** `__Host-` binds the cookie to this host over TLS; plain HTTP (this machine) needs a name without it. */
export function sessionCookie(c: Context): { name: string; secure: boolean } {
  const secure = c.req.header('x-forwarded-proto') === 'https';
  return { name: secure ? '__Host-session' : 'session', secure };
}

/** The token in a header `Authorization: Bearer …`, if it has the form of a session token. */
export const bearerToken = (authorization: string | null | undefined): string | undefined =>
  authorization?.match(/^Bearer ([\w-]{20,200})$/)?.[1];

/** True if a header `Cookie` has a session, of whatever worth. */
export const hasSessionCookie = (cookie: string | null | undefined): boolean =>
  /(?:^|;\s*)(?:__Host-)?session=[^;\s]/.test(cookie ?? '');

/** The session token of a request: `Authorization: Bearer …`, else the cookie. */
export function sessionToken(c: Context): string | undefined {
  return bearerToken(c.req.header('authorization')) ?? getCookie(c, sessionCookie(c).name);
}

/** @throws NotLoggedInError if the request has no valid session */
export async function requireIdentity<Known extends Identity>(
  c: Context,
  identify: Identify<Known>,
  from?: 'record',
): Promise<Known> {
  const token = sessionToken(c);
  const identity = token === undefined ? undefined : await identify(token, from);
  if (!identity) throw new NotLoggedInError('This request needs a session: log in with POST /api/sessions');
  return identity;
}

/** Asks the record, so that a role counts from its change on. @throws NotLoggedInError, or NotAllowedError */
export async function requireStaff(c: Context, identify: Identify): Promise<Identity> {
  const identity = await requireIdentity(c, identify, 'record');
  if (identity.role !== 'staff') throw new NotAllowedError('Only staff may do this');
  return identity;
}
