import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { UPLOADS } from '../lambda/shared/blobs';
import type { Fetch } from '../lambda/shared/serve';
import { picture } from './pictures';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The same that the box's web server sends with the storefront (nginx/headers.conf), but what needs TLS. */
const security = (uploadOrigin = '') => ({
  'Content-Security-Policy': `default-src 'self'; connect-src ${["'self'", uploadOrigin].filter(Boolean).join(' ')}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
});

/** Where its pages are. */
export const STOREFRONT = join(__dirname, '..', 'storefront');

const API_PATHS = ['/api/', '/media/', UPLOADS, '/healthz', '/readyz'];

/**
 * The whole shop on one port: the API and people's files go to `api`, pictures are drawn, the rest are files of `folder`.
 * Pages may send what people upload to here, and to `uploadOrigin`.
 */
export function site(api: Fetch, folder: string, uploadOrigin?: string): Fetch {
  const headers = security(uploadOrigin);
  return async (request, bindings) => {
    const { pathname } = new URL(request.url);
    if (API_PATHS.some((prefix) => pathname.startsWith(prefix))) return api(request, bindings);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Method not allowed\n', { status: 405, headers: { Allow: 'GET, HEAD' } });
    }
    const path = pathname === '/' ? '/index.html' : pathname;
    const content = picture(path) ?? (await fileOf(folder, path));
    if (content === undefined) return new Response('There is nothing here\n', { status: 404, headers });
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    return answer(request, content, { ...headers, 'Content-Type': type });
  };
}

/** Always revalidated: a changed file shows at the next load, an unchanged one costs a 304. */
function answer(
  request: Request,
  content: string | Uint8Array<ArrayBuffer>,
  given: Readonly<Record<string, string>>,
): Response {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  const headers = { ...given, 'Cache-Control': 'no-cache', ETag: etag };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === 'HEAD' ? null : content, { headers });
}

/** A file below `folder`; undefined when there is none, or when its name starts with a dot. */
async function fileOf(folder: string, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const inside = normalize(path);
  if (!/^(\/[a-z0-9-]+)*\/[a-z0-9-]+\.[a-z]+$/.test(inside)) return undefined;
  try {
    return new Uint8Array(await readFile(join(folder, inside)));
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
}
