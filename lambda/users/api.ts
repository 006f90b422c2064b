import type { OpenAPIHono } from '@hono/zod-openapi';
import { createApi } from '../shared/http/api';
import { serveDocument } from '../shared/http/openapi';
import type { Logger } from '../shared/runtime/log';
import { type AccountRoutesOptions, accountRoutes } from './accounts/routes';
import { usersProblems } from './errors';
import { type PasswordLinkRoutesOptions, passwordLinkRoutes } from './password-links/routes';
import { type SessionRoutesOptions, sessionRoutes } from './sessions/routes';
import type { Sessions } from './sessions/service';
export interface UsersApiOptions
  extends AccountRoutesOptions,
    SessionRoutesOptions,
    PasswordLinkRoutesOptions {
  readonly sessions: Sessions;
  readonly log: Logger;
  /** Rejects while the database does not answer. */
  readonly ready: () => Promise<void>;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** The user service over HTTP: no driver, no environment, no port. */
export function usersApi(options: UsersApiOptions): OpenAPIHono {
  const { log, ready, allowedOrigins } = options;
  const app = createApi({ log, problems: usersProblems, ready, allowedOrigins });
  accountRoutes(app, options);
  sessionRoutes(app, options);
  passwordLinkRoutes(app, options);
  serveDocument(app, {
    path: '/api/users/openapi.json',
    title: 'Users',
    description: 'Accounts and sessions of the shop.',
  });
  return app;
}
