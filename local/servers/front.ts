import type { Fetch } from '../../lambda/shared/serve';
import { forwardTo, type Hop } from './forward';
import { BUCKETS } from './local-s3';

export interface FrontOptions {
  readonly nginxPort: number;
  /** Where the S3 answers. */
  readonly s3: string;
}

/** What answers browsers besides pages: the CDN, which has photos from S3, and the web balancer. Nothing is cached. */
export function front({ nginxPort, s3 }: FrontOptions): Fetch {
  const balancer = forwardTo({ port: nginxPort, tls: true, headers });
  return (request, bindings) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/media/') ? photo(request, s3, pathname) : balancer(request, bindings);
  };
}

/** The CDN appends whom it heard from, and the web balancer passes that on. */
const headers: Hop['headers'] = ({ incoming }) => ({
  'x-forwarded-for': [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress]
    .filter(Boolean)
    .join(', '),
  'cloudfront-forwarded-proto': 'http',
});

const PHOTO = /^\/media(\/photos\/[\w./-]+)$/;
const PASSED = ['content-type', 'content-length', 'cache-control', 'etag'];

/** Straight from its bucket, without the first part of its path. */
async function photo(request: Request, s3: string, pathname: string): Promise<Response> {
  const [, key] = PHOTO.exec(pathname) ?? [];
  const { method } = request;
  if (!key || !['GET', 'HEAD'].includes(method)) return nothing();
  const found = await fetch(`${s3}/${BUCKETS.media}${key}`, { method });
  if (!found.ok) {
    await found.body?.cancel();
    return nothing();
  }
  const said = PASSED.flatMap((name) => {
    const value = found.headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });
  return new Response(found.body, { headers: [...said, ['X-Content-Type-Options', 'nosniff']] });
}

const nothing = () => new Response('There is nothing here\n', { status: 404 });
