import { Agent, request } from 'node:http';
import { cleanup } from '../support/cleanup';

export interface Sent {
  readonly method: string;
  /** With the query, as it goes over the wire. */
  readonly target: string;
  /** Names and values in turn; a name may come twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer | undefined;
  /** Without a declared length. */
  readonly chunked?: boolean;
}

export interface Received {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

const LONGEST_MS = 10_000;

/** Sends requests that `fetch` would refuse to send. */
export function createSender(port: number) {
  const agent = new Agent({ keepAlive: true });
  const send = ({ method, target, headers, body, chunked }: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const framing = chunked ? ['transfer-encoding', 'chunked'] : ['content-length', `${body?.length}`];
      const named = headers.some(([name]) => name === 'host') ? [] : [['host', `127.0.0.1:${port}`]];
      const outgoing = request({
        ...{ agent, port, method, host: '127.0.0.1', path: target, setHost: false },
        headers: [...headers, ...(body ? [framing] : []), ...named].flat(),
      });
      outgoing.setTimeout(LONGEST_MS, () => outgoing.destroy(new Error('The server does not answer')));
      outgoing.on('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk) => {
          text += chunk;
        });
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            type: incoming.headers['content-type'] ?? null,
            body: text,
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { send, close: cleanup(() => agent.destroy()) };
}
