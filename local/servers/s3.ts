import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BUCKETS } from './local-aws';
import { keptObjects } from './objects';

/** The used part of fauxqs's web framework, fastify. */
interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
}
interface Answer {
  header(name: string, value: string): Answer;
  status(code: number): Answer;
  send(body?: string): unknown;
}

/** Pages of shops on this machine may upload here, as deployed pages may to their bucket. */
const PAGES = /^http:\/\/(localhost|127\.0\.0\.1):\d+$/;

/**
 * `node s3.ts <folder>`: fauxqs (1.9.2), an in-memory S3, with additions: objects are also stored in a folder, PUT
 * honours If-Match and If-None-Match, and CORS allows PUT. Prints its URL. Does not check signatures.
 */
async function main(folder: string): Promise<void> {
  // The package has no CommonJS build.
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false });
  const kept = keptObjects(folder);
  const tags = new Map<string, string>();
  let serving = false;

  app.addHook('onRequest', async (request: Asked, reply: Answer) => {
    const { origin = '' } = request.headers;
    if (!PAGES.test(origin)) return;
    reply.header('Access-Control-Allow-Origin', origin).header('Vary', 'Origin');
    if (request.method !== 'OPTIONS') return;
    reply.header('Access-Control-Allow-Methods', 'PUT').header('Access-Control-Max-Age', '600');
    reply.header('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '');
    return reply.status(204).send();
  });

  // Condition and write run without a pause in between, so one of two PUTs with the same tag is refused.
  app.addHook('preHandler', (request: Asked, reply: Answer, done: () => void) => {
    const path = decodeURIComponent(request.url.split('?', 1)[0] ?? '');
    const { method } = request;
    if (request.url.includes('uploadId') || ['POST', 'PATCH'].includes(method)) {
      reply.status(501).send('This S3 does not support multipart uploads\n');
      return;
    }
    if (method === 'PUT' && isObject(path)) {
      const refused = serving && refusal(request.headers, tags.get(path));
      if (refused) {
        reply.header('content-type', 'application/xml').status(refused.status).send(xml(refused.code));
        return;
      }
      const body = request.body as Buffer;
      tags.set(path, `"${createHash('md5').update(body).digest('hex')}"`);
      if (serving) kept.keep({ path, type: request.headers['content-type'] ?? '', body });
    } else if (method === 'DELETE') {
      tags.delete(path);
      kept.forget(path);
    }
    done();
  });

  for (const bucket of Object.values(BUCKETS)) await app.inject({ method: 'PUT', url: `/${bucket}` });
  for (const { path, type, body } of kept.all()) {
    await app.inject({ method: 'PUT', url: path, headers: { 'content-type': type }, payload: body });
  }
  serving = true;
  console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
}

const isObject = (path: string) => /^\/[^/]+\/./.test(path);

/** As in Amazon's "Conditional writes": 412, and 404 for If-Match without an object. */
function refusal({ 'if-match': match, 'if-none-match': noneMatch }: IncomingHttpHeaders, tag?: string) {
  if (match !== undefined && tag === undefined) return { status: 404, code: 'NoSuchKey' };
  const failed = (match !== undefined && match !== tag) || (noneMatch === '*' && tag !== undefined);
  return failed ? { status: 412, code: 'PreconditionFailed' } : undefined;
}

const xml = (code: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;

void main(process.argv[2] ?? '');
