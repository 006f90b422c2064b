import { request as requestInClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../shared/log';
import type { Seen } from './seen';

const TIMEOUT_MS = 1000;
/** Also what failed is told again only then. */
const AGAIN_AFTER_MS = 30_000;
/** More at once are left to the next read: whoever answers is not to be flooded when it was away. */
const MOST_AT_ONCE = 8;
/** In the certificate of who answers; no name server knows it. */
const SERVER_NAME = 'app.shop.internal';

export interface SeenOverHttpOptions {
  /** Where a process that may write answers: an origin. */
  readonly url: string;
  /** The certificate to trust there, PEM; without it, those that Node trusts. */
  readonly authority?: string;
  readonly log: Logger;
  /** Default 30 s. */
  readonly againAfterMs?: number;
}

/**
 * Tells a process that may write, in the name of whose session it is (docs/decisions/0053). Nobody waits for it: a read
 * is neither slower nor refused because of it.
 */
export function seenOverHttp({
  url,
  authority,
  log,
  againAfterMs = AGAIN_AFTER_MS,
}: SeenOverHttpOptions): Seen {
  const target = new URL('/api/sessions/current/seen', url);
  const told = new LRUCache<string, true>({ max: 10_000, ttl: againAfterMs });
  let underWay = 0;
  return async ({ id, lastSeenAt }, token) => {
    // What is told of a session changes `lastSeenAt`, as soon as it can be read.
    const what = `${id} ${lastSeenAt}`;
    if (told.has(what) || underWay >= MOST_AT_ONCE) return;
    told.set(what, true);
    underWay++;
    void post(target, authority, token)
      .catch((error: unknown) => log.warn({ err: error }, 'could not have it stored that a session was seen'))
      .finally(() => {
        underWay--;
      });
  };
}

/** No connection is kept: it is a request an hour for each who shops. */
function post(url: URL, ca: string | undefined, token: string): Promise<void> {
  const request = url.protocol === 'https:' ? requestOverTls : requestInClear;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Length': 0 },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...{ servername: SERVER_NAME, ca },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      incoming.resume();
      // Who logged out in this moment has no session to be seen.
      if (incoming.statusCode === 204 || incoming.statusCode === 401) resolve();
      else reject(new Error(`${url.href} answered ${incoming.statusCode}`));
    });
    outgoing.end();
  });
}
