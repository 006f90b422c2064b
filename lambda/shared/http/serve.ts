import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { answerUnreadable, MAX_HEADER_BYTES } from '../http/unreadable';
import type { Logger } from '../runtime/log';
import { inTrace } from '../runtime/trace';
import { listen } from './accept';
import type { Admission } from './admission/admission';
import { drainable } from './drain';
import type { FastPath, ReadyAnswer } from './fast-path';
import { BAD_REQUEST, problem, UNEXPECTED } from './problems';
import { createRequestLog, type RequestLog } from './request-log';

/** Longer than a load balancer's idle timeout (60 s), which would otherwise reuse a closed connection (502). */
const KEEP_ALIVE_MS = 75_000;
/** Time to send a request: slow clients must not hold connections open. */
const REQUEST_TIMEOUT_MS = 20_000;
/** Time for the TLS handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Time to read the rest of a body that was answered early. */
const LINGER_MS = 1000;

/** Web-standard request and response; the bindings contain Node's own objects, with the peer's address. */
export type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>;

export interface ServeOptions {
  readonly fetch: Fetch;
  /** Asked first. Default: `fetch` answers everything. */
  readonly fastPath?: FastPath | undefined;
  readonly log: Logger;
  /** Default 8080; 0 picks a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** PEM, for HTTPS. Default: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Time to wait, on stop, for proxies to reuse their open connections. Default 0: without a proxy. */
  readonly quietMs?: number;
  /** Refuses requests while there are too many. Default: none is refused. */
  readonly admission?: Pick<Admission, 'admits'> | undefined;
  /** Default: every request is logged. */
  readonly requestLog?: RequestLog | undefined;
}

export interface Serving {
  readonly port: number;
  /** Stops accepting connections, finishes requests in flight (for at most 25 s), then resolves. */
  stop(): Promise<void>;
}

/** Serves a fetch function on Node's HTTP server. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { fetch, fastPath, log, port = 8080, host = '127.0.0.1', tls, quietMs = 0, admission } = options;
  const { requestLog = createRequestLog({ log }) } = options;
  const handle = getRequestListener(
    async (request, bindings) => {
      const { incoming, outgoing } = bindings as HttpBindings;
      const answer = await fetch(request, { incoming, outgoing });
      if (!incoming.complete) await readRest(incoming, outgoing);
      // Also for requests from before the stop: a connection that is kept alive would delay it.
      if (stopping()) outgoing.setHeader('Connection', 'close');
      return answer;
    },
    {
      errorHandler: (error) => {
        if (error instanceof RequestError) return problem(BAD_REQUEST, { Connection: 'close' });
        log.error({ err: error }, 'unexpected error');
        return problem(UNEXPECTED);
      },
    },
  );
  const limits = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Node would refuse without a word; the listener refuses it with a problem.
    requireHostHeader: false,
  };
  const server = tls
    ? createTlsServer({
        ...limits,
        cert: tls.certificate,
        key: tls.key,
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      })
    : createServer(limits);
  const { stopping, stop } = drainable(server, quietMs);
  answerUnreadable(server, log);
  server.on('request', (incoming, outgoing) => {
    if (stopping()) outgoing.setHeader('Connection', 'close');
    if (admission?.admits(incoming, outgoing) === false) return;
    const trace = requestLog.observe(incoming, outgoing);
    const ready = fastPath?.(incoming);
    if (ready) return sendReady(outgoing, ready);
    void inTrace(trace, () => handle(incoming, outgoing));
  });
  // An Expect that is not 100-continue may be ignored; Node would refuse it without a word.
  server.on('checkExpectation', (incoming, outgoing) => server.emit('request', incoming, outgoing));
  const listeners = await listen(server, { port, host });
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      await stop(listeners);
      requestLog.stop();
    },
  };
}

function sendReady(outgoing: ServerResponse, { body, headers }: ReadyAnswer): void {
  for (const name in headers) outgoing.setHeader(name, headers[name] as string);
  // Not after writeHead, which would know no length.
  outgoing.end(body);
}

/**
 * Discards the rest of a refused body. Closing a connection with unread bytes resets it, and the client may never see
 * the response; a kept connection must be at the next request. If the rest takes too long, the connection is closed.
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
