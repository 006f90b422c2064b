import { request as requestInClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../shared/runtime/log';
import { traceHeaders } from '../../shared/runtime/trace';
import type { TouchSession } from './session-touch';

const TIMEOUT_MS = 1000;
/** The interval between two reports of one session, failed ones included. */
const RETRY_DELAY_MS = 30_000;
/** Further reports are left to the next read, so that a server that was away is not flooded. */
const MAX_CONCURRENT = 8;
/** The name in the server's certificate. It is not in DNS. */
const SERVER_NAME = 'app.shop.internal';

export interface SessionTouchClientOptions {
  /** The origin of a process that may write. */
  readonly url: string;
  /** The certificate to trust, in PEM. Default: the authorities that Node trusts. */
  readonly authority?: string;
  readonly log: Logger;
}

/**
 * Reports the use of a session to a process that may write, with the session's own token (decision 0053).
 * Requests do not wait for it, so it can neither slow a read down nor make it fail.
 */
export function sessionTouchClient({ url, authority, log }: SessionTouchClientOptions): TouchSession {
  const target = new URL('/api/sessions/current/seen', url);
  const told = new LRUCache<string, true>({ max: 10_000, ttl: RETRY_DELAY_MS });
  let underWay = 0;
  return async ({ id, lastSeenAt }, token) => {
    // A successful call changes `lastSeenAt`, once the write is visible to reads.
    const what = `${id} ${lastSeenAt}`;
    if (told.has(what) || underWay >= MAX_CONCURRENT) return;
    told.set(what, true);
    underWay++;
    void post(target, authority, token)
      .catch((error: unknown) => log.warn({ err: error }, 'could not report the last use of a session'))
      .finally(() => {
        underWay--;
      });
  };
}

/** Without keep-alive: each shopper causes one request an hour. */
function post(url: URL, ca: string | undefined, token: string): Promise<void> {
  const request = url.protocol === 'https:' ? requestOverTls : requestInClear;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Length': 0, ...traceHeaders() },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...{ servername: SERVER_NAME, ca },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      incoming.resume();
      // 401: the user has just logged out.
      if (incoming.statusCode === 204 || incoming.statusCode === 401) resolve();
      else reject(new Error(`${url.href} answered ${incoming.statusCode}`));
    });
    outgoing.end();
  });
}
