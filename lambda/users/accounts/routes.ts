import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ReadClientIp } from '../../shared/http/client-ip';
import { requireIdentity } from '../../shared/http/identity';
import {
  answer,
  jsonBody,
  LOGGED_IN,
  noContent,
  PERSONAL,
  REFUSES,
  responses,
} from '../../shared/http/responses';
import { LOGIN_BUSY, TOO_MANY_ATTEMPTS } from '../errors';
import { clearSessionCookie, cookieToken, setSessionCookie } from '../sessions/cookies';
import type { Sessions } from '../sessions/service';
import { accountJson } from './account';
import { EMAIL_TAKEN, GUESSABLE_PASSWORD, WRONG_PASSWORD } from './errors';
import { ChangePassword, Confirmation, NewAccount, NewEmail, NewName, User } from './schemas';
import type { Accounts } from './service';
export interface AccountRoutesOptions {
  readonly accounts: Accounts;
  readonly sessions: Pick<Sessions, 'identify' | 'reissued'>;
  readonly clientIp: ReadClientIp;
}

/** Registration and management of one's own account. */
export function accountRoutes(
  app: OpenAPIHono,
  { accounts, sessions, clientIp }: AccountRoutesOptions,
): void {
  const requireSession = (c: Context) => requireIdentity(c, sessions.identify);

  app.openapi(register, async (c) => {
    const account = await accounts.register(c.req.valid('json'), clientIp(c));
    return answer(accountJson(account), 201);
  });

  app.openapi(readProfile, async (c) => {
    const session = await requireSession(c);
    const account = await accounts.profile(session);
    const token = cookieToken(c);
    // Every page asks this first.
    const reissued = token && (await sessions.reissued(token, session.userId));
    if (reissued) setSessionCookie(c, reissued);
    return c.json(accountJson(account), 200, PERSONAL);
  });

  app.openapi(rename, async (c) => {
    const account = await accounts.rename(await requireSession(c), c.req.valid('json').name);
    return answer(accountJson(account));
  });

  app.openapi(changeEmail, async (c) => {
    const account = await accounts.changeEmail(await requireSession(c), c.req.valid('json'), clientIp(c));
    return answer(accountJson(account));
  });

  app.openapi(changePassword, async (c) => {
    await accounts.changePassword(await requireSession(c), c.req.valid('json'));
    return noContent();
  });

  app.openapi(removeAccount, async (c) => {
    await accounts.remove(await requireSession(c), c.req.valid('json').password);
    clearSessionCookie(c);
    return c.body(null, 204, PERSONAL);
  });
}

const register = createRoute({
  operationId: 'register',
  method: 'post',
  path: '/api/users',
  summary: 'Create an account',
  tags: ['account'],
  request: jsonBody(NewAccount),
  responses: responses(
    { 201: { description: 'The new account, not logged in', schema: User } },
    REFUSES.read,
    REFUSES.change,
    [GUESSABLE_PASSWORD, EMAIL_TAKEN, TOO_MANY_ATTEMPTS, LOGIN_BUSY],
  ),
});

const readProfile = createRoute({
  operationId: 'readProfile',
  method: 'get',
  path: '/api/users/me',
  summary: 'Read your own profile',
  tags: ['account'],
  ...LOGGED_IN,
  responses: responses({ 200: { description: 'Your profile', schema: User } }, REFUSES.user),
});

const rename = createRoute({
  operationId: 'rename',
  method: 'patch',
  path: '/api/users/me',
  summary: 'Change your name',
  tags: ['account'],
  ...LOGGED_IN,
  request: jsonBody(NewName),
  responses: responses(
    { 200: { description: 'Your profile from now on', schema: User } },
    REFUSES.user,
    REFUSES.change,
  ),
});

const changeEmail = createRoute({
  operationId: 'changeEmail',
  method: 'put',
  path: '/api/users/me/email',
  summary: 'Change your e-mail; ends all other sessions',
  tags: ['account'],
  ...LOGGED_IN,
  request: jsonBody(NewEmail),
  responses: responses(
    { 200: { description: 'Your profile from now on', schema: User } },
    REFUSES.user,
    REFUSES.change,
    [GUESSABLE_PASSWORD, WRONG_PASSWORD, EMAIL_TAKEN, TOO_MANY_ATTEMPTS, LOGIN_BUSY],
  ),
});

const changePassword = createRoute({
  operationId: 'changePassword',
  method: 'put',
  path: '/api/users/me/password',
  summary: 'Change your password; ends all other sessions',
  tags: ['account'],
  ...LOGGED_IN,
  request: jsonBody(ChangePassword),
  responses: responses(
    { 204: { description: 'Changed; this session stays open' } },
    REFUSES.user,
    REFUSES.change,
    [GUESSABLE_PASSWORD, WRONG_PASSWORD, TOO_MANY_ATTEMPTS, LOGIN_BUSY],
  ),
});

const removeAccount = createRoute({
  operationId: 'removeAccount',
  method: 'delete',
  path: '/api/users/me',
  summary: 'Delete your account and your personal data',
  tags: ['account'],
  ...LOGGED_IN,
  request: jsonBody(Confirmation),
  responses: responses(
    { 204: { description: 'Deleted; all sessions have ended' } },
    REFUSES.user,
    REFUSES.change,
    [WRONG_PASSWORD, TOO_MANY_ATTEMPTS, LOGIN_BUSY],
  ),
});
