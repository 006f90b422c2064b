import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import type { Logger } from './log';
import { answerError, answerInvalid, type KnownProblem, problem } from './problems';

const MAX_BODY_BYTES = 64 * 1024;

export interface ApiOptions {
  readonly log: Logger;
  readonly problems: readonly KnownProblem[];
  /** Throws when something this service cannot work without does not answer. */
  readonly ready: () => Promise<void>;
}

/**
 * What every service's API has in common: problem details, a size limit, a check against cross-site requests,
 * `/healthz` (the process answers) and `/readyz` (what it depends on answers).
 */
export function createApi({ log, problems, ready }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => (result.success ? undefined : answerInvalid(result.error, result.target)),
  });
  app.onError(answerError(problems, log));
  app.notFound((c) =>
    problem({
      type: 'not-found',
      title: 'There is nothing here',
      status: 404,
      detail: `${c.req.method} ${c.req.path}`,
    }),
  );
  // Only what has a body pays for the middleware: reads are a hundred times as many.
  app.on(
    ['POST', 'PUT', 'PATCH', 'DELETE'],
    '*',
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () =>
        problem({ type: 'too-large', title: `A body is at most ${MAX_BODY_BYTES} bytes`, status: 413 }),
    }),
    async (c, next) => {
      if (crossSite(c.req.header('origin'), c.req.header('host'))) {
        return problem({ type: 'cross-site', title: 'Requests from other sites are refused', status: 403 });
      }
      await next();
      return undefined;
    },
  );
  app.get('/healthz', () => new Response('ok\n', { headers: { 'Cache-Control': 'no-store' } }));
  app.get('/readyz', async () => {
    try {
      await ready();
      return new Response('ready\n', { headers: { 'Cache-Control': 'no-store' } });
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      return problem(
        { type: 'not-ready', title: 'A database does not answer', status: 503 },
        { 'Retry-After': '5' },
      );
    }
  });
  return app;
}

/** Browsers send Origin with every unsafe request; programs send none. */
function crossSite(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
