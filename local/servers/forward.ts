import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as sendInClear } from 'node:http';
import { request as sendOverTls, Agent as TlsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type { Fetch } from '../../lambda/shared/serve';

/** About this connection, not about the answer. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** A load balancer's. Shorter than what it talks to waits (75 s), so that no connection is used that is being closed. */
const IDLE_MS = 60_000;

/** One step on the way to the app. */
export interface Hop {
  readonly port: number;
  /** Over TLS, with any certificate, as load balancers do. Default: in the clear. */
  readonly tls?: boolean;
  /** Said besides what was asked. */
  readonly headers: (bindings: HttpBindings) => OutgoingHttpHeaders;
}

/** Passes requests on, streamed. */
export function forwardTo({ port, tls = false, headers }: Hop): Fetch {
  const kept = { keepAlive: true, timeout: IDLE_MS };
  const agent = tls ? new TlsAgent({ ...kept, rejectUnauthorized: false }) : new Agent(kept);
  const send = tls ? sendOverTls : sendInClear;
  return (_request, bindings) =>
    new Promise((resolve) => {
      const { incoming, outgoing } = bindings;
      const { method, url: path } = incoming;
      const said = { ...incoming.headers, ...headers(bindings) };
      const passed = send({ host: '127.0.0.1', port, agent, method, path, headers: said });
      passed.once('response', (answer) => resolve(responseOf(answer, method)));
      passed.once('error', () => resolve(unavailable()));
      outgoing.once('close', () => outgoing.writableFinished || passed.destroy());
      incoming.pipe(passed);
    });
}

/** As nginx does on the box, which nothing stands in front of. */
export const asNginxOfTheBox: Hop['headers'] = ({ incoming, outgoing }) => ({
  'x-forwarded-for': incoming.socket.remoteAddress ?? '',
  'x-request-id': String(outgoing.getHeader('x-request-id')),
});

function responseOf(answer: IncomingMessage, method: string | undefined): Response {
  const headers = new Headers();
  for (let at = 0; at < answer.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(at);
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) headers.append(name, value);
  }
  const { statusCode: status = 502 } = answer;
  const empty = method === 'HEAD' || status === 204 || status === 304;
  if (empty) answer.resume();
  return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers });
}

/** The same words as the box's web server. */
const unavailable = () =>
  Response.json(
    { type: 'unavailable', title: 'The shop does not answer; it may be restarting', status: 503 },
    {
      status: 503,
      headers: {
        'Content-Type': 'application/problem+json',
        'Cache-Control': 'no-store',
        'Retry-After': '5',
      },
    },
  );
