import { once } from 'node:events';
import { connect as connectInClear, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { OVERLOADED } from '../../lambda/shared/http/problems';

/** A request that nginx refuses by itself, byte for byte, and the problem that it answers. */
interface Refusal {
  readonly request: string;
  readonly problem: Problem;
}

interface Problem {
  readonly status: number;
  readonly type: string;
}

const GET = 'GET /api/products HTTP/1.1\r\nHost: shop.example\r\n';
const POST = 'POST /api/orders HTTP/1.1\r\nHost: shop.example\r\n';

/** Requests that every nginx of the shop refuses. */
export const REFUSALS: Readonly<Record<string, Refusal>> = {
  'no HTTP': { request: 'nonsense\r\n\r\n', problem: { status: 400, type: 'bad-request' } },
  'a path with %00': {
    request: 'GET /api/products/%00 HTTP/1.1\r\nHost: shop.example\r\n\r\n',
    problem: { status: 400, type: 'bad-request' },
  },
  'a path out of the root': {
    request: 'GET /api/../../x HTTP/1.1\r\nHost: shop.example\r\n\r\n',
    problem: { status: 400, type: 'bad-request' },
  },
  'HTTP/1.1 without a Host': {
    request: 'GET /api/products HTTP/1.1\r\n\r\n',
    problem: { status: 400, type: 'bad-request' },
  },
  'two lengths of one body': {
    request: `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`,
    problem: { status: 400, type: 'bad-request' },
  },
  'a length that is no number': {
    request: `${POST}Content-Length: two\r\n\r\n`,
    problem: { status: 400, type: 'bad-request' },
  },
  TRACE: {
    request: 'TRACE /api/products HTTP/1.1\r\nHost: shop.example\r\n\r\n',
    problem: { status: 405, type: 'method-not-allowed' },
  },
  'a body larger than any that is taken': {
    request: `${POST}Content-Length: 100000000\r\n\r\n`,
    problem: { status: 413, type: 'too-large' },
  },
  'a chunked body larger than any that is taken': {
    request: `${POST}Transfer-Encoding: chunked\r\n\r\n${'8000\r\n'.concat('x'.repeat(0x8000), '\r\n').repeat(40)}`,
    problem: { status: 413, type: 'too-large' },
  },
  'an address of 30 KB': {
    request: `GET /api/products?q=${'a'.repeat(30_000)} HTTP/1.1\r\nHost: shop.example\r\n\r\n`,
    problem: { status: 414, type: 'uri-too-long' },
  },
  '30 KB of cookies': {
    request: `${GET}Cookie: a=${'b'.repeat(30_000)}\r\n\r\n`,
    problem: { status: 431, type: 'headers-too-large' },
  },
  '100 KB of headers': {
    request: `${GET}${`X-Much: ${'a'.repeat(10_000)}\r\n`.repeat(10)}\r\n`,
    problem: { status: 431, type: 'headers-too-large' },
  },
  'a body in an unknown coding': {
    request: `${POST}Transfer-Encoding: compress\r\n\r\n`,
    problem: { status: 501, type: 'not-supported' },
  },
  'HTTP/3.0 in the words of HTTP/1': {
    request: 'GET /api/products HTTP/3.0\r\nHost: shop.example\r\n\r\n',
    problem: { status: 505, type: 'not-supported' },
  },
};

interface RawAnswer {
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends these bytes, and resolves to the answer: complete, or its beginning if the connection ended. */
export async function sendRaw(port: number, request: string, inClear = false): Promise<RawAnswer> {
  const to = { port, host: '127.0.0.1', rejectUnauthorized: false };
  const socket: Socket = inClear ? connectInClear(to) : connectOverTls(to);
  try {
    await once(socket, inClear ? 'connect' : 'secureConnect');
    // A request may still be on its way when it is refused.
    socket.on('error', () => undefined);
    socket.write(request);
    let text = '';
    for await (const chunk of socket) {
      text += chunk;
      if (isWhole(answerOf(text))) break;
    }
    return answerOf(text);
  } finally {
    socket.destroy();
  }
}

function answerOf(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = fields.map((field) => {
    const [name = '', ...value] = field.split(': ');
    return [name.toLowerCase(), value.join(': ')];
  });
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: rest.join('\r\n\r\n'),
  };
}

const isWhole = ({ headers, body }: RawAnswer) =>
  body.length >= Number(headers['content-length'] ?? Infinity);

/** Fails unless an answer is this problem, in the form that every refusal of the shop has. */
export function expectProblem({ status, headers, body }: RawAnswer, expected: Problem): void {
  expect({ status, type: headers['content-type'] }).toEqual({
    status: expected.status,
    type: 'application/problem+json',
  });
  expect(JSON.parse(body)).toEqual({ ...expected, title: expect.stringMatching(/^[A-Z].+[a-z]$/) });
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-request-id': expect.stringMatching(/^[\w-]{32,36}$/),
  });
}

/** Fails unless an answer refuses a request for which there is no room, in the application's words. */
export function expectOverloaded(answer: RawAnswer): void {
  const { status, type, title } = OVERLOADED;
  expectProblem(answer, { status, type });
  expect(JSON.parse(answer.body).title).toBe(title);
  expect(answer.headers['retry-after']).toMatch(/^[1-5]$/);
}
