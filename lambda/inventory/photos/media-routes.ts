import { Hono } from 'hono';
import { type Blobs, IMMUTABLE, UPLOADS } from '../../shared/blobs/blobs';
import { answerError, NOT_FOUND, problem } from '../../shared/http/problems';
import type { Logger } from '../../shared/runtime/log';

/**
 * The store's files over HTTP, for hosts without a CDN or web server that serves them: `GET /media/…`, and uploads to
 * the disk store. A separate app, since the API limits bodies to a smaller size.
 */
export function mediaRoutes({ blobs, log }: { readonly blobs: Blobs; readonly log: Logger }): Hono {
  const app = new Hono();
  app.onError(answerError([], log));
  app.notFound(() => problem(NOT_FOUND));
  app.get('/media/photos/:id{[0-9a-f-]{36}}/:file{[0-9]{1,4}\\.webp}', async (c) => {
    const bytes = await blobs.get(`photos/${c.req.param('id')}/${c.req.param('file')}`);
    if (!bytes) return c.notFound();
    return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: HEADERS });
  });
  const { receive } = blobs;
  if (receive) app.put(`${UPLOADS}*`, (c) => receive(c.req.raw));
  return app;
}

/** The shop rendered these files, so the type is right and browsers must not sniff another one. */
const HEADERS = {
  'Content-Type': 'image/webp',
  'Cache-Control': IMMUTABLE,
  'X-Content-Type-Options': 'nosniff',
} as const;
