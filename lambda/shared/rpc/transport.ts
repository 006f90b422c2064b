import { Agent, type IncomingMessage, request as requestInClear } from 'node:http';
import { request as requestOverTls, Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { traceHeaders } from '../runtime/trace';
import { DEADLINE_HEADER, RPC_HOST } from './contract';

/** The name in the certificates of servers and balancers. It is not in DNS. */
const SERVER_NAME = 'app.shop.internal';
/** Shorter than a balancer's 60 s, so that a closing connection is hardly ever used again. */
const IDLE_MS = 50_000;
/** More calls wait for a connection, until their deadline. */
const MOST_CONNECTIONS = 64;
const MAX_ANSWER_BYTES = 1024 * 1024;

export interface RpcAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** No whole answer came. `sent`: the server may have got the call. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError';
  constructor(
    message: string,
    readonly sent: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface Transport {
  /** @throws NoAnswerError */
  post(path: string, body: string, timeoutMs: number): Promise<RpcAnswer>;
  close(): void;
}

/** Calls over connections that are kept. `authority`: the certificate to trust, in PEM; default those that Node trusts. */
export function createTransport(origin: string, authority?: string): Transport {
  const { protocol, hostname, port } = new URL(origin);
  const overTls = protocol === 'https:';
  const kept = { keepAlive: true, maxSockets: MOST_CONNECTIONS, timeout: IDLE_MS };
  const agent = overTls ? new TlsAgent({ ...kept, ca: authority, servername: SERVER_NAME }) : new Agent(kept);
  const send = overTls ? requestOverTls : requestInClear;

  const post: Transport['post'] = (path, body, timeoutMs) =>
    new Promise((resolve, reject) => {
      let sent = false;
      const fail = (error: Error) =>
        reject(new NoAnswerError(`${origin}${path}: ${error.message}`, sent, { cause: error }));
      const outgoing = send({
        ...{ host: hostname, port: port || undefined, path, method: 'POST', agent },
        headers: {
          Host: RPC_HOST,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          [DEADLINE_HEADER]: Math.floor(timeoutMs),
          ...traceHeaders(),
        },
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      });
      outgoing.once('socket', (socket) =>
        whenOpen(socket, () => {
          sent = true;
        }),
      );
      outgoing.on('error', fail);
      outgoing.once('response', (incoming) => read(incoming).then(resolve, fail));
      outgoing.end(body);
    });

  return { post, close: () => agent.destroy() };
}

/** Calls back before the first byte of a request can leave. */
function whenOpen(socket: Socket, then: () => void): void {
  if (socket instanceof TLSSocket ? socket.getProtocol() === null || socket.connecting : socket.connecting) {
    socket.prependOnceListener(socket instanceof TLSSocket ? 'secureConnect' : 'connect', then);
  } else then();
}

async function read(incoming: IncomingMessage): Promise<RpcAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
  }
  return {
    status: incoming.statusCode ?? 0,
    retryAfter: incoming.headers['retry-after'],
    body: Buffer.concat(chunks).toString(),
  };
}
