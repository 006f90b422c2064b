import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';

export type Role = 'customer' | 'staff';

/** Who a request comes from. */
export interface Identity {
  readonly userId: string;
  readonly role: Role;
}

/** Tells who holds a session token; undefined when nobody does. The user service answers it, in process or by RPC. */
export type Identify = (token: string) => Promise<Identity | undefined>;

export class NotLoggedInError extends Error {
  override name = 'NotLoggedInError';
}

export class NotAllowedError extends Error {
  override name = 'NotAllowedError';
}

/** `__Host-` pins the cookie to this host over TLS; plain http (this machine) gets a name that browsers accept there. */
export function sessionCookie(c: Context): { name: string; secure: boolean } {
  const secure = c.req.header('x-forwarded-proto') === 'https';
  return { name: secure ? '__Host-session' : 'session', secure };
}

/** The session token of a request: `Authorization: Bearer …`, else the cookie. */
export function sessionToken(c: Context): string | undefined {
  const bearer = c.req.header('authorization')?.match(/^Bearer ([\w-]{20,200})$/)?.[1];
  return bearer ?? getCookie(c, sessionCookie(c).name);
}

/** @throws NotLoggedInError when the request holds no session that is valid now */
export async function requireIdentity<Known extends Identity>(
  c: Context,
  identify: (token: string) => Promise<Known | undefined>,
): Promise<Known> {
  const token = sessionToken(c);
  const identity = token === undefined ? undefined : await identify(token);
  if (!identity) throw new NotLoggedInError('This needs a session: POST /api/sessions gives one');
  return identity;
}

/** @throws NotLoggedInError, or NotAllowedError for who is not staff */
export async function requireStaff(c: Context, identify: Identify): Promise<Identity> {
  const identity = await requireIdentity(c, identify);
  if (identity.role !== 'staff') throw new NotAllowedError('This is for staff');
  return identity;
}
