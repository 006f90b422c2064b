import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as sendInClear } from 'node:http';
import { request as sendOverTls, Agent as TlsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import type { Fetch } from '../../lambda/shared/http/serve';

/** Hop-by-hop headers, which must not be forwarded. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** A load balancer's idle timeout. Shorter than the app's (75 s), so that no closing connection is reused. */
const IDLE_MS = 60_000;

/** One hop on the way to the app. */
export interface Hop {
  readonly port: number;
  /** Use TLS and accept any certificate, as load balancers do. Default: plain HTTP. */
  readonly tls?: boolean;
  /** Default: connections that are kept. */
  readonly connections?: Connections;
  /** Additional request headers. */
  readonly headers: (bindings: HttpBindings) => OutgoingHttpHeaders;
}

/** Connections that requests share, one after the other. */
export interface Connections {
  readonly agent: Agent;
  /**
   * Shares none meanwhile, for a time in which the server closes those that are idle: a request that it has not read yet
   * would be lost.
   */
  renewDuring(work: () => Promise<void>): Promise<void>;
}

export function createConnections(tls: boolean): Connections {
  const open = (keepAlive: boolean) => {
    const options = { keepAlive, timeout: IDLE_MS };
    return tls ? new TlsAgent({ ...options, rejectUnauthorized: false }) : new Agent(options);
  };
  let agent = open(true);
  return {
    get agent() {
      return agent;
    },
    renewDuring: async (work) => {
      const { freeSockets } = agent;
      agent = open(false);
      for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
      await work().finally(() => {
        agent = open(true);
      });
    },
  };
}

/** Forwards requests, with streamed bodies. */
export function forwardTo(hop: Hop): Fetch {
  const { port, tls = false, headers, connections = createConnections(tls) } = hop;
  const send = tls ? sendOverTls : sendInClear;
  return (_request, bindings) =>
    new Promise((resolve) => {
      const { incoming, outgoing } = bindings;
      const { method, url: path } = incoming;
      const said = { ...incoming.headers, ...headers(bindings) };
      const { agent } = connections;
      const passed = send({ host: '127.0.0.1', port, agent, method, path, headers: said });
      passed.once('response', (answer) => resolve(responseOf(answer, method)));
      passed.once('error', () => resolve(unavailable()));
      outgoing.once('close', () => outgoing.writableFinished || passed.destroy());
      incoming.pipe(passed);
    });
}

/** The headers of nginx on the box, which has no proxy in front of it. */
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

/** The same response as that of the box's web server. */
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
