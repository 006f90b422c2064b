import { clientIp } from '../shared/http/client-ip';
import type { FreshReads } from '../shared/http/fresh-reads';
import { FRESH_SECONDS } from '../shared/http/fresh-reads';
import { bearerToken, hasSessionCookie } from '../shared/http/identity';
import { ipPrefixes } from '../shared/http/ip-prefix';
import type { Fetch } from '../shared/http/serve';

const SAFE = new Set(['GET', 'HEAD']);

/** Done, perhaps done (5xx), or refused because of another change (409, 412): earlier copies are out of date. */
const changed = (status: number) =>
  (status >= 200 && status < 300) || status === 409 || status === 412 || status >= 500;

/** Without a session a client changes nothing but by getting one, or an account: it must not get the cookie for nothing. */
const hasSession = (request: Request, answer: Response): boolean =>
  answer.status === 201 ||
  bearerToken(request.headers.get('authorization')) !== undefined ||
  hasSessionCookie(request.headers.get('cookie'));

/** Adds the cookie `wrote` to responses to changes, with which a client reads past every cache for a minute. */
export const givesWroteCookie =
  (fetch: Fetch, { valueFor }: Pick<FreshReads, 'valueFor'>): Fetch =>
  async (request, bindings) => {
    const answer = await fetch(request, bindings);
    if (SAFE.has(request.method) || !changed(answer.status) || !hasSession(request, answer)) return answer;
    const { socket, headers } = bindings.incoming;
    const address = clientIp(socket.remoteAddress ?? '', request.headers.get('x-forwarded-for') ?? undefined);
    const value = valueFor(ipPrefixes(address).near);
    if (value) {
      const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
      const cookie = `wrote=${value}; Max-Age=${FRESH_SECONDS}; Path=/; HttpOnly; SameSite=Lax${secure}`;
      answer.headers.append('Set-Cookie', cookie);
    }
    return answer;
  };
