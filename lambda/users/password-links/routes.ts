import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { ReadClientIp } from '../../shared/http/client-ip';
import { requireStaff } from '../../shared/http/identity';
import { answer, jsonBody, LOGGED_IN, noContent, REFUSES, responses } from '../../shared/http/responses';
import { GUESSABLE_PASSWORD } from '../accounts/errors';
import { LOGIN_BUSY, TOO_MANY_ATTEMPTS } from '../errors';
import type { Sessions } from '../sessions/service';
import { LINK_VOID, NO_SUCH_ACCOUNT } from './errors';
import { NewPasswordLink, PasswordByLink, PasswordLink } from './schemas';
import type { PasswordLinks } from './service';

export interface PasswordLinkRoutesOptions {
  readonly passwordLinks: PasswordLinks;
  readonly sessions: Pick<Sessions, 'identify'>;
  readonly clientIp: ReadClientIp;
}

/** A forgotten password: staff make a link, and its holder sets another password. */
export function passwordLinkRoutes(
  app: OpenAPIHono,
  { passwordLinks, sessions, clientIp }: PasswordLinkRoutesOptions,
): void {
  app.openapi(makeLink, async (c) => {
    const { userId } = await requireStaff(c, sessions.identify);
    const { token, account, expiresAt } = await passwordLinks.make(userId, c.req.valid('json').email);
    return answer({ token, name: account.name, expiresAt: new Date(expiresAt).toISOString() }, 201);
  });

  app.openapi(setByLink, async (c) => {
    await passwordLinks.use(c.req.valid('json'), clientIp(c));
    return noContent();
  });
}

const makeLink = createRoute({
  operationId: 'makeLink',
  method: 'post',
  path: '/api/users/password-links',
  summary: 'Make a link that sets a new password once, within 30 minutes (staff)',
  description: `Give the token to the person whom you know to own the account. Only its hash is stored, and a new link
    replaces the one before.`,
  tags: ['account'],
  ...LOGGED_IN,
  request: jsonBody(NewPasswordLink),
  responses: responses(
    { 201: { description: 'The link', schema: PasswordLink } },
    REFUSES.staff,
    REFUSES.change,
    [NO_SUCH_ACCOUNT, TOO_MANY_ATTEMPTS],
  ),
});

const setByLink = createRoute({
  operationId: 'setByLink',
  method: 'put',
  path: '/api/users/password',
  summary: 'Set a new password with a link; ends all sessions of the account',
  tags: ['account'],
  request: jsonBody(PasswordByLink),
  responses: responses({ 204: { description: 'Set: log in with it' } }, REFUSES.read, REFUSES.change, [
    LINK_VOID,
    GUESSABLE_PASSWORD,
    TOO_MANY_ATTEMPTS,
    LOGIN_BUSY,
  ]),
});
