import { Agent, type IncomingMessage, request as send } from 'node:http';
import { Readable } from 'node:stream';
import type { Fetch } from '../../lambda/shared/serve';

/** About this connection, not about the answer. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/** Passes requests on to the shop's own process, as nginx does on the box: streamed, and saying who asks. */
export function forwardTo(port: number): Fetch {
  const agent = new Agent({ keepAlive: true });
  return (_request, { incoming, outgoing }) =>
    new Promise((resolve) => {
      const headers = {
        ...incoming.headers,
        'x-forwarded-for': incoming.socket.remoteAddress ?? '',
        'x-request-id': String(outgoing.getHeader('x-request-id')),
      };
      const { method, url } = incoming;
      const passed = send({ host: '127.0.0.1', port, agent, method, path: url, headers });
      passed.once('response', (answer) => resolve(responseOf(answer, method)));
      passed.once('error', () => resolve(unavailable()));
      outgoing.once('close', () => outgoing.writableFinished || passed.destroy());
      incoming.pipe(passed);
    });
}

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
