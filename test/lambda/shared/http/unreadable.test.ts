import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerUnreadable } from '../../../../lambda/shared/http/unreadable';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { cleanup, cleanupServer } from '../../../support/cleanup';
import { until } from '../../../support/until';

/** After the whole request. */
const answerAll: RequestListener = (incoming, answer) =>
  void incoming.resume().once('end', () => answer.end());

/**
 * The answer to these bytes until the connection is closed, and the lines logged. `later` is sent once the answer
 * begins.
 */
async function sent(
  bytes: string,
  {
    listener = answerAll,
    later = '',
    ...options
  }: ServerOptions & { listener?: RequestListener; later?: string } = {},
) {
  const lines: string[] = [];
  const server = createServer(options, listener);
  answerUnreadable(server, createLog({ write: (line) => void lines.push(line) }));
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(bytes);
    socket.once('data', () => later && socket.write(later));
    return { answer: await text(socket), lines };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const HEAD = 'POST / HTTP/1.1\r\nHost: shop.example\r\n';

test.each<[string, string, number, string, ServerOptions]>([
  ['no HTTP', 'nonsense private\r\n\r\n', 400, 'bad-request', {}],
  [
    'headers that are too large',
    `${HEAD}Cookie: private=${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
    {},
  ],
  [
    'extensions of chunks that are too large',
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n2;private=${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    413,
    'too-large',
    {},
  ],
  [
    'a request that does not arrive',
    `${HEAD}X: private`,
    408,
    'request-timeout',
    { requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 20 },
  ],
])('%s: a problem, and a line in the log that quotes nothing', async (_, bytes, status, type, options) => {
  const { answer, lines } = await sent(bytes, options);
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(JSON.parse(body)).toEqual({ type, status, title: expect.stringMatching(/^[A-Z].+[a-z]$/) });
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`));
  expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/);
  expect(head).toMatch(/\r\nCache-Control: no-store\r\n/);
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`);
  expect(head).toMatch(/\r\nConnection: close$/);
  const requestId = /\r\nX-Request-Id: (\S+)/.exec(head)?.[1];
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ msg: 'unreadable request', requestId, status, reason: expect.any(String) }),
  ]);
  expect(lines.join()).not.toContain('private');
});

test('a client that does not close its side is closed, a second after its answer', async () => {
  const server = createServer(answerAll);
  cleanupServer(server);
  answerUnreadable(server, createLog({ write: () => undefined }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  cleanup(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('nonsense\r\n\r\n');
  await once(socket.resume(), 'end');
  await until(() => new Promise((resolve) => server.getConnections((_, open) => resolve(open === 0))));
  expect(socket.destroyed).toBe(false);
});

test('what follows in the middle of an answer ends the connection, and is not answered into it', async () => {
  const { answer } = await sent(`${HEAD}Content-Length: 0\r\n\r\n`, {
    listener: (_, outgoing) => void outgoing.write('half'),
    later: 'nonsense\r\n\r\n',
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/\r\n\r\n4\r\nhalf\r\n$/);
});

test.each(['box', 'web'])('has the words of nginx on the %s for what both refuse', async (host) => {
  const nginx = readFileSync(`lib/compute/${host}/host/nginx/nginx.conf`, 'utf8');
  for (const bytes of ['nonsense\r\n\r\n', `${HEAD}Cookie: ${'x'.repeat(20_000)}\r\n\r\n`]) {
    const { type, status, title } = JSON.parse((await sent(bytes)).answer.split('\r\n\r\n')[1] ?? '');
    expect(nginx).toContain(`    ${status} ${type};\n`);
    expect(nginx).toContain(`    ${status} '${title}';\n`);
  }
});
