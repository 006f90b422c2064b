import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createApi } from '../shared/api';
import { requireIdentity, sessionToken } from '../shared/identity';
import type { Logger } from '../shared/log';
import { serveDocument } from '../shared/openapi';
import type { Account } from './account-store';
import type { Accounts } from './accounts';
import type { ClientAddress } from './address';
import { clearSessionCookie, readDeviceCookie, setDeviceCookie, setSessionCookie } from './cookies';
import { usersProblems } from './errors';
import * as routes from './routes';
import type { User } from './schemas';
import type { Session } from './session-store';
import type { Sessions } from './sessions';

export interface UsersApiDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly address: ClientAddress;
  readonly log: Logger;
  /** Throws when the database does not answer. */
  readonly ready: () => Promise<void>;
}

/** Everything here is somebody's own. */
const PRIVATE = { 'Cache-Control': 'private, no-store' };

export function usersApi({ accounts, sessions, address, log, ready }: UsersApiDeps): OpenAPIHono {
  const app = createApi({ log, problems: usersProblems, ready });
  const requireSession = (c: Context) => requireIdentity(c, sessions.identify);

  app.openapi(routes.register, async (c) => {
    const account = await accounts.register(c.req.valid('json'), address(c));
    return c.json(userOf(account), 201, PRIVATE);
  });

  app.openapi(routes.readProfile, async (c) => {
    const account = await accounts.profile(await requireSession(c));
    return c.json(userOf(account), 200, PRIVATE);
  });

  app.openapi(routes.rename, async (c) => {
    const account = await accounts.rename(await requireSession(c), c.req.valid('json').name);
    return c.json(userOf(account), 200, PRIVATE);
  });

  app.openapi(routes.changeEmail, async (c) => {
    const account = await accounts.changeEmail(await requireSession(c), c.req.valid('json'));
    return c.json(userOf(account), 200, PRIVATE);
  });

  app.openapi(routes.changePassword, async (c) => {
    await accounts.changePassword(await requireSession(c), c.req.valid('json'));
    return c.body(null, 204, PRIVATE);
  });

  app.openapi(routes.removeAccount, async (c) => {
    await accounts.remove(await requireSession(c), c.req.valid('json').password);
    clearSessionCookie(c);
    return c.body(null, 204, PRIVATE);
  });

  app.openapi(routes.logIn, async (c) => {
    const { account, session, token, deviceCookie } = await sessions.logIn({
      ...c.req.valid('json'),
      address: address(c),
      userAgent: c.req.header('user-agent'),
      deviceCookie: readDeviceCookie(c),
      replaces: sessionToken(c),
    });
    setSessionCookie(c, token);
    setDeviceCookie(c, deviceCookie);
    return c.json({ token, expiresAt: iso(session.expiresAt), user: userOf(account) }, 201, PRIVATE);
  });

  app.openapi(routes.listSessions, async (c) => {
    const { id, userId } = await requireSession(c);
    const list = await sessions.list(userId);
    return c.json({ items: list.map((session) => listed(session, id)) }, 200, PRIVATE);
  });

  app.openapi(routes.logOut, async (c) => {
    const token = sessionToken(c);
    if (token !== undefined) await sessions.logOut(token);
    clearSessionCookie(c);
    return c.body(null, 204, PRIVATE);
  });

  app.openapi(routes.seen, async (c) => {
    // To tell whose session it is is to see it.
    await requireSession(c);
    return c.body(null, 204, PRIVATE);
  });

  app.openapi(routes.endSession, async (c) => {
    const { userId } = await requireSession(c);
    await sessions.end(userId, c.req.valid('param').id);
    return c.body(null, 204, PRIVATE);
  });

  serveDocument(app, {
    path: '/api/users/openapi.json',
    title: 'Users',
    description: 'Accounts and sessions of the shop.',
  });
  return app;
}

const iso = (ms: number) => new Date(ms).toISOString();

const userOf = ({ id, email, name, role, createdAt }: Account): User => ({
  id,
  email,
  name,
  role,
  createdAt: iso(createdAt),
});

const listed = ({ id, createdAt, lastSeenAt, expiresAt, userAgent }: Session, currentId: string) => ({
  id,
  createdAt: iso(createdAt),
  lastSeenAt: iso(lastSeenAt),
  expiresAt: iso(expiresAt),
  userAgent,
  current: id === currentId,
});
