import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { UPLOADS } from '../lambda/shared/blobs/blobs';
import type { Fetch } from '../lambda/shared/http/serve';
import { ROOT } from '../lib/root';
import { byteRange } from './byte-range';
import { pageOf } from './page';
import { picture } from './pictures';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webm': 'video/webm',
};

/** The storefront's headers of the box's web server (nginx/headers.conf), without those that need TLS. */
const security = (uploadOrigin = '') => ({
  'Content-Security-Policy': `default-src 'self'; connect-src ${["'self'", uploadOrigin].filter(Boolean).join(' ')}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'`,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
});

/** The folder of the pages. */
export const STOREFRONT = join(ROOT, 'storefront');

const API_PATHS = ['/api/', '/media/', UPLOADS, '/healthz', '/readyz'];

export interface SiteOptions {
  /** Another origin to which pages may upload. */
  readonly uploadOrigin?: string | undefined;
  /**
   * True if the page of a product has its name and picture in it, and is a 404 without the product. Default: pages are
   * files, as they are on AWS, where no server looks into them.
   */
  readonly rendersProducts?: boolean;
}

/**
 * The whole shop on one port: `api` serves the API and uploaded files, pictures are drawn, and the rest are files of
 * `folder`.
 */
export function site(api: Fetch, folder: string, options: SiteOptions = {}): Fetch {
  const { uploadOrigin, rendersProducts = false } = options;
  const headers = security(uploadOrigin);
  return async (request, bindings) => {
    const { pathname } = new URL(request.url);
    if (API_PATHS.some((prefix) => pathname.startsWith(prefix))) return api(request, bindings);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('Method not allowed\n', { status: 405, headers: { Allow: 'GET, HEAD' } });
    }
    const path = pathname === '/' ? '/index.html' : pathname;
    const content = picture(path) ?? (await fileOf(folder, path));
    if (content === undefined) return new Response('Not found\n', { status: 404, headers });
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    const typed = { ...headers, 'Content-Type': type };
    if (pathname !== '/' || !rendersProducts) return answer(request, content, typed);
    const { status, html } = await pageOf(Buffer.from(content).toString(), request, bindings, api);
    return status === 404
      ? new Response(request.method === 'HEAD' ? null : html, { status, headers: typed })
      : answer(request, html, typed);
  };
}

/**
 * Always revalidated: changes show at the next load, and an unchanged file costs a 304. A range of bytes is a 206: videos
 * are read in parts, and without ranges a browser cannot go to a place in them.
 */
function answer(
  request: Request,
  content: string | Uint8Array<ArrayBuffer>,
  given: Readonly<Record<string, string>>,
): Response {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  const headers = { ...given, 'Accept-Ranges': 'bytes', 'Cache-Control': 'no-cache', ETag: etag };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  if (request.method === 'HEAD') return new Response(null, { headers });
  // A client that has a part of another version gets all of this one.
  const known = request.headers.get('if-range') ?? etag;
  const range = known === etag ? request.headers.get('range') : null;
  return range === null ? new Response(content, { headers }) : part(Buffer.from(content), range, headers);
}

function part(
  content: Buffer<ArrayBuffer>,
  asked: string,
  headers: Readonly<Record<string, string>>,
): Response {
  const size = content.length;
  const range = byteRange(asked, size);
  if (range === undefined) return new Response(content, { headers });
  if (range === 'none')
    return new Response(null, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${size}` } });
  const { first, last } = range;
  return new Response(content.subarray(first, last + 1), {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${first}-${last}/${size}` },
  });
}

/** A file below `folder`; undefined if it does not exist or if its name starts with a dot. */
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
