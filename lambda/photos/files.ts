import { Hono } from 'hono';
import { type Blobs, IMMUTABLE, UPLOADS } from '../shared/blobs';
import type { Logger } from '../shared/log';
import { answerError, problem } from '../shared/problems';

/**
 * The store's files over HTTP, for hosts without a CDN or web server that does it: `GET /media/…`, and what the disk
 * store receives. An app of its own, since bodies are larger here than anywhere in the API.
 */
export function photoFiles({ blobs, log }: { readonly blobs: Blobs; readonly log: Logger }): Hono {
  const app = new Hono();
  app.onError(answerError([], log));
  app.notFound(() => problem({ type: 'not-found', title: 'There is nothing here', status: 404 }));
  app.get('/media/photos/:id{[0-9a-f-]{36}}/:file{[0-9]{1,4}\\.webp}', async (c) => {
    const bytes = await blobs.get(`photos/${c.req.param('id')}/${c.req.param('file')}`);
    if (!bytes) return c.notFound();
    return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: HEADERS });
  });
  const { receive } = blobs;
  if (receive) app.put(`${UPLOADS}*`, (c) => receive(c.req.raw));
  return app;
}

/** The bytes were made here, so this is what they are; browsers shall not guess otherwise. */
const HEADERS = {
  'Content-Type': 'image/webp',
  'Cache-Control': IMMUTABLE,
  'X-Content-Type-Options': 'nosniff',
} as const;
