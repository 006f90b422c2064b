import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { drainable } from './drain';
import type { Logger } from './log';

/** Longer than the idle timeout of a load balancer (60 s), which would otherwise reuse a closed connection: 502. */
const KEEP_ALIVE_MS = 75_000;
/** The longest a client may take to send a request, so that slow senders hold nothing. */
const REQUEST_TIMEOUT_MS = 20_000;
/** The longest a client may take to agree on TLS. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How long to read on what an answer did not wait for. */
const LINGER_MS = 1000;

/** Web standard in and out; the bindings hold Node's own objects, such as the peer's address. */
export type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>;

export interface ServeOptions {
  readonly fetch: Fetch;
  readonly log: Logger;
  /** Default 8080; 0 picks a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** PEM, to serve HTTPS with. Default: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** How long, when it stops, it waits for proxies to use the connections they hold. Default 0: nobody is in front. */
  readonly quietMs?: number;
}

export interface Serving {
  readonly port: number;
  /** Stops accepting, finishes what is in flight (for at most 25 s), then resolves. */
  stop(): Promise<void>;
}

/** Serves a fetch function on Node's HTTP server, with one log line a request. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { fetch, log, port = 8080, host = '127.0.0.1', tls, quietMs = 0 } = options;
  const handle = getRequestListener(async (request, bindings) => {
    const { incoming, outgoing } = bindings as HttpBindings;
    const answer = await fetch(request, { incoming, outgoing });
    if (!incoming.complete) await readRest(incoming, outgoing);
    // Also what came before the stop: a connection that is kept then holds it up until it is cut.
    if (stopping()) outgoing.setHeader('Connection', 'close');
    return answer;
  });
  const timeouts = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = tls
    ? createTlsServer({
        ...timeouts,
        cert: tls.certificate,
        key: tls.key,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      })
    : createServer(timeouts);
  const { stopping, stop } = drainable(server, quietMs);
  server.on('request', (incoming, outgoing) => {
    observe(incoming, outgoing, log);
    void handle(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop };
}

/**
 * Reads and forgets the rest of a body that was refused. A connection that is closed with unread bytes is reset, and the
 * client may never see why; one that is kept must be at the next request. What takes too long ends the connection.
 */
async function readRest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  incoming.removeAllListeners('data').resume();
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(incoming, 'close', { signal }), sleep(LINGER_MS, undefined, { signal })]).catch(
    () => undefined,
  );
  over.abort();
  if (!incoming.complete) outgoing.setHeader('Connection', 'close');
}

/** Resolves at the first SIGTERM or SIGINT. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

function observe(incoming: IncomingMessage, outgoing: ServerResponse, log: Logger): void {
  const started = performance.now();
  const requestId = given(incoming.headers['x-request-id']) ?? randomUUID();
  outgoing.setHeader('X-Request-Id', requestId);
  outgoing.once('close', () =>
    log.info(
      {
        requestId,
        method: incoming.method,
        // The query can hold what people search for; the path holds ids alone.
        path: incoming.url?.split('?', 1)[0],
        status: outgoing.writableFinished ? outgoing.statusCode : 499,
        ms: Math.round((performance.now() - started) * 100) / 100,
      },
      'request',
    ),
  );
}

/** A proxy's request id, when it is one: anything else would let a client write into the log. */
const given = (header: string | string[] | undefined) =>
  typeof header === 'string' && /^[\w-]{8,64}$/.test(header) ? header : undefined;
