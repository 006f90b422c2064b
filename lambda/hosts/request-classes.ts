import type { IncomingHttpHeaders } from 'node:http';
import type { Classify } from '../shared/http/admission/admission';
import { bearerToken, hasSessionCookie } from '../shared/http/identity';
import { RPC_ROUTES } from './service-routes';

/** A shopper who got this far has done everything else, and the stock is held for them. */
const ENDS_PURCHASE = /^POST \/api\/reservations\/[^/?]+\/(confirm|release)(\?|$)/;
const LOG_IN = /^POST \/api\/sessions(\?|$)/;
/** Calls say it of the request that caused them. */
const URGENT_CALL = /^POST \/rpc\/[\w.]+\?urgent$/;
/** A process that refuses these would be replaced, and its load would move to the others. */
const HEALTH = /^\/(healthz|readyz)(\?|$)/;
const READING_CALLS = new Set(RPC_ROUTES.flatMap(({ access, paths }) => (access === 'read' ? paths : [])));

/** The classes of the shop's requests (decision 0134). */
export const requestClassOf: Classify = (method, target, headers) => {
  if (method === 'GET' || method === 'HEAD') return HEALTH.test(target) ? undefined : 'read';
  const request = `${method} ${target}`;
  if (URGENT_CALL.test(request)) return 'critical';
  if (ENDS_PURCHASE.test(request)) return claimsSession(headers) ? 'critical' : 'write';
  if (LOG_IN.test(request)) return 'log-in';
  return READING_CALLS.has(target) ? 'read' : 'write';
};

/** By the form of the credential: without one, the request is refused anyway, and takes no place of a buyer's. */
const claimsSession = ({ authorization, cookie }: IncomingHttpHeaders): boolean =>
  bearerToken(authorization) !== undefined || hasSessionCookie(cookie);
