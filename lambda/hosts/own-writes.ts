import { parse } from 'hono/utils/cookie';
import { getPath } from 'hono/utils/url';
import type { FreshReads } from '../shared/http/fresh-reads';
import { bearerToken } from '../shared/http/identity';
import type { Fetch } from '../shared/http/serve';
import { freshly } from '../shared/sql/freshly';

/**
 * The paths of a client's own data. Everything else has copies at the proxy, which asks past them with X-Fresh: the
 * service checks that and charges for it.
 */
const PERSONAL = /^\/api\/((users|sessions|reservations|orders)(\/|$)|products\/[^/]+\/.)/;

/**
 * Reads of clients that may have changed something in the last minute go to the primary: with the cookie `wrote`, and
 * with a bearer token, since programs keep no cookies. Replicas answer all others.
 */
export const showsOwnWrites =
  (fetch: Fetch, { verify }: Pick<FreshReads, 'verify'>): Fetch =>
  (request, bindings) =>
    mayHaveWritten(request, verify) ? freshly(() => fetch(request, bindings)) : fetch(request, bindings);

function mayHaveWritten(request: Request, verify: FreshReads['verify']): boolean {
  const { headers } = request;
  // The path by which the routes are chosen, decoded: another spelling of a path is no other path.
  if (!PERSONAL.test(getPath(request))) return headers.get('x-fresh') === '1';
  if (bearerToken(headers.get('authorization'))) return true;
  const cookies = headers.get('cookie');
  return cookies?.includes('wrote=') === true && verify(parse(cookies, 'wrote').wrote);
}
