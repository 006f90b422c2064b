import type { Fetch } from '../../lambda/shared/http/serve';
import { type Connections, forwardTo, type Hop } from './forward';
import { BUCKETS } from './local-aws';

export interface CdnStubOptions {
  readonly nginxPort: number;
  /** To nginx. */
  readonly connections: Connections;
  /** The URL of the S3. */
  readonly s3: string;
}

/** Stands in for the CDN, which serves photos from S3, and for the web balancer. Caches nothing. */
export function cdnStub({ nginxPort, connections, s3 }: CdnStubOptions): Fetch {
  const balancer = forwardTo({ port: nginxPort, tls: true, connections, headers });
  return (request, bindings) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/media/') ? photo(request, s3, pathname) : balancer(request, bindings);
  };
}

/** The CDN appends the client's address, and the web balancer preserves it. */
const headers: Hop['headers'] = ({ incoming }) => ({
  'x-forwarded-for': [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress]
    .filter(Boolean)
    .join(', '),
  'cloudfront-forwarded-proto': 'http',
});

const PHOTO = /^\/media(\/photos\/[\w./-]+)$/;
const ASKED = ['range', 'if-range'];
const PASSED = ['content-type', 'content-length', 'content-range', 'accept-ranges', 'cache-control', 'etag'];
/** A part of a file, and a part that it has not. */
const ANSWERS = [200, 206, 416];

/** Served from its bucket, without the first part of the path. */
async function photo(request: Request, s3: string, pathname: string): Promise<Response> {
  const [, key] = PHOTO.exec(pathname) ?? [];
  const { method } = request;
  if (!key || !['GET', 'HEAD'].includes(method)) return nothing();
  const asked = passed(request.headers, ASKED);
  const found = await fetch(`${s3}/${BUCKETS.media}${key}`, { method, headers: asked });
  if (!ANSWERS.includes(found.status)) {
    await found.body?.cancel();
    return nothing();
  }
  const said = passed(found.headers, PASSED);
  const { status } = found;
  return new Response(found.body, { status, headers: [...said, ['X-Content-Type-Options', 'nosniff']] });
}

const passed = (headers: Headers, names: readonly string[]): [string, string][] =>
  names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as [string, string]];
  });

const nothing = () => new Response('Not found\n', { status: 404 });
