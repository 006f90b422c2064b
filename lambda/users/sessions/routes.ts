import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ReadClientIp } from '../../shared/http/client-ip';
import { requireIdentity, sessionToken } from '../../shared/http/identity';
import {
  answer,
  jsonBody,
  LOGGED_IN,
  noContent,
  PERSONAL,
  REFUSES,
  responses,
} from '../../shared/http/responses';
import { accountJson } from '../accounts/account';
import { LOGIN_BUSY, TOO_MANY_ATTEMPTS } from '../errors';
import { clearSessionCookie, readDeviceCookie, setDeviceCookie, setSessionCookie } from './cookies';
import { NO_SUCH_SESSION, WRONG_CREDENTIALS } from './errors';
import { Credentials, NewSession, SessionId, SessionList } from './schemas';
import type { Sessions } from './service';
import type { Session } from './session';
export interface SessionRoutesOptions {
  readonly sessions: Sessions;
  readonly clientIp: ReadClientIp;
}

/** Logging in and out, and the sessions of the current user. */
export function sessionRoutes(app: OpenAPIHono, { sessions, clientIp }: SessionRoutesOptions): void {
  const requireSession = (c: Context) => requireIdentity(c, sessions.identify);

  app.openapi(logIn, async (c) => {
    const { account, session, token, deviceCookie } = await sessions.logIn({
      ...c.req.valid('json'),
      address: clientIp(c),
      userAgent: c.req.header('user-agent'),
      deviceCookie: readDeviceCookie(c),
      replaces: sessionToken(c),
    });
    setSessionCookie(c, token);
    setDeviceCookie(c, deviceCookie);
    const expiresAt = new Date(session.expiresAt).toISOString();
    return c.json({ token, expiresAt, user: accountJson(account) }, 201, PERSONAL);
  });

  app.openapi(listSessions, async (c) => {
    const { id, userId } = await requireSession(c);
    const list = await sessions.list(userId);
    return answer({ items: list.map((session) => sessionJson(session, id)) });
  });

  app.openapi(logOut, async (c) => {
    const token = sessionToken(c);
    if (token !== undefined) await sessions.logOut(token);
    clearSessionCookie(c);
    return c.body(null, 204, PERSONAL);
  });

  app.openapi(touchSession, async (c) => {
    // Looking up the session marks it as seen.
    await requireSession(c);
    return noContent();
  });

  app.openapi(endSession, async (c) => {
    const { userId } = await requireSession(c);
    await sessions.end(userId, c.req.valid('param').id);
    return noContent();
  });
}

const sessionJson = ({ id, createdAt, lastSeenAt, expiresAt, userAgent }: Session, currentId: string) => ({
  id,
  createdAt: new Date(createdAt).toISOString(),
  lastSeenAt: new Date(lastSeenAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
  userAgent,
  current: id === currentId,
});

const logIn = createRoute({
  operationId: 'logIn',
  method: 'post',
  path: '/api/sessions',
  summary: 'Log in',
  tags: ['sessions'],
  request: jsonBody(Credentials),
  responses: responses(
    { 201: { description: 'The new session; the cookie contains its token too', schema: NewSession } },
    REFUSES.read,
    REFUSES.change,
    [WRONG_CREDENTIALS, TOO_MANY_ATTEMPTS, LOGIN_BUSY],
  ),
});

const listSessions = createRoute({
  operationId: 'listSessions',
  method: 'get',
  path: '/api/sessions',
  summary: 'List your sessions, newest first',
  tags: ['sessions'],
  ...LOGGED_IN,
  responses: responses(
    { 200: { description: 'All open sessions, at most 100', schema: SessionList } },
    REFUSES.user,
  ),
});

const logOut = createRoute({
  operationId: 'logOut',
  method: 'delete',
  path: '/api/sessions/current',
  summary: 'Log out',
  tags: ['sessions'],
  ...LOGGED_IN,
  responses: responses(
    { 204: { description: 'Logged out, if you were logged in' } },
    REFUSES.read,
    REFUSES.change,
  ),
});

const touchSession = createRoute({
  operationId: 'touchSession',
  method: 'post',
  path: '/api/sessions/current/seen',
  summary: 'Mark your session as used, as every other request does',
  description: 'Read-only servers call this with your token.',
  tags: ['sessions'],
  ...LOGGED_IN,
  responses: responses({ 204: { description: 'The session stays open' } }, REFUSES.user, REFUSES.change),
});

const endSession = createRoute({
  operationId: 'endSession',
  method: 'delete',
  path: '/api/sessions/{id}',
  summary: 'End one of your sessions',
  tags: ['sessions'],
  ...LOGGED_IN,
  request: { params: SessionId },
  responses: responses({ 204: { description: 'Ended' } }, REFUSES.user, REFUSES.change, [NO_SUCH_SESSION]),
});
