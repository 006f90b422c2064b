import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from '../runtime/log';
import { crossOrigin } from './cross-origin';
import {
  answerError,
  answerInvalid,
  CROSS_SITE,
  type KnownProblem,
  NOT_FOUND,
  NOT_READY,
  problem,
  TOO_LARGE,
} from './problems';

const MAX_BODY_BYTES = 64 * 1024;

export interface ApiOptions {
  readonly log: Logger;
  readonly problems: readonly KnownProblem[];
  /** Rejects while a dependency of the service does not answer. */
  readonly ready: () => Promise<void>;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/**
 * The common parts of every service's API: problem details, a size limit, a check against cross-site requests,
 * `/healthz` (the process answers) and `/readyz` (its dependencies answer).
 */
export function createApi({ log, problems, ready, allowedOrigins = [] }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => (result.success ? undefined : answerInvalid(result.error, result.target)),
  });
  app.onError(answerError(problems, log));
  app.notFound((c) => problem({ ...NOT_FOUND, detail: `${c.req.method} ${c.req.path}` }));
  if (allowedOrigins.length > 0) app.use('*', crossOrigin(allowedOrigins));
  // Reads, a hundred times as frequent, do not pay for this middleware.
  app.on(['POST', 'PUT', 'PATCH', 'DELETE'], '*', limitBody, async (c, next) => {
    const isAllowed = allowedOrigins.includes(c.req.header('origin') ?? '');
    if (!isAllowed && isCrossSite((name) => c.req.header(name))) return problem(CROSS_SITE);
    await next();
    return undefined;
  });
  app.get('/healthz', () => new Response('ok\n', { headers: { 'Cache-Control': 'no-store' } }));
  app.get('/readyz', async () => {
    try {
      await ready();
      return new Response('ready\n', { headers: { 'Cache-Control': 'no-store' } });
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      return problem(NOT_READY, { 'Retry-After': '5' });
    }
  });
  return app;
}

const limitUndeclared = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => problem({ ...TOO_LARGE, detail: `A request body may have at most ${MAX_BODY_BYTES} bytes` }),
});

/** A declared length is enough to decide: the middleware would build a web stream of each body to ask for it. */
const limitBody: MiddlewareHandler = (c, next) => {
  const length = c.req.header('transfer-encoding') === undefined && c.req.header('content-length');
  return length && Number(length) <= MAX_BODY_BYTES ? next() : limitUndeclared(c, next);
};

/**
 * Browsers say by Fetch Metadata where a request comes from, which holds behind proxies that change the Host. They leave
 * it out over plain HTTP, but send Origin with every unsafe request. Other clients send neither.
 */
function isCrossSite(header: (name: string) => string | undefined): boolean {
  const [site, origin, host] = [header('sec-fetch-site'), header('origin'), header('host')];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isOriginOf(origin, host);
}

/** URLs have no default port and no capitals in their host: `HTTP://Shop.test:80` and `shop.test` are one. */
function isOriginOf(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: from } = new URL(origin);
  const here = `${protocol}//${host}`;
  return from !== '' && URL.canParse(here) && new URL(here).host === from;
}
