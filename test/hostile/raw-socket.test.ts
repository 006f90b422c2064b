import { setTimeout as sleep } from 'node:timers/promises';
import { engines } from '../support/engines';
import { rawSocket } from './raw-socket';
import { type Server, startServer } from './server';

const [engine] = engines();
if (!engine) throw new Error('There is always SQLite');

let server: Server;
beforeAll(async () => {
  server = await startServer(engine);
});

const HEAD = 'POST /api/sessions HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n';
const NEXT = 'GET /healthz HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';

/** Sends bytes at once, and resolves to the statuses of the answers until the server closes. Refusals are problems. */
async function statuses(bytes: string | Buffer): Promise<number[]> {
  const socket = rawSocket(server.port);
  socket.write(bytes);
  const answers = (await socket.rest()).split(/(?=HTTP\/1\.1 \d{3} )/).filter((answer) => answer !== '');
  for (const answer of answers) {
    if (/^\S+ [45]/.test(answer)) expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i);
  }
  return answers.map((answer) => Number(answer.slice(9, 12)));
}

/** Expects that the server still serves, and logged no error of its own. */
async function expectUnharmed() {
  expect(await statuses(NEXT)).toEqual([200]);
  expect(server.lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
}

test.each([
  ['both a length and chunks', `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}`],
  ['a list of lengths', `${HEAD}Content-Length: 2, 30\r\n\r\n{}`],
  ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n{}`],
  ['a length with a sign', `${HEAD}Content-Length: +2\r\n\r\n{}`],
  ['a length in hexadecimal', `${HEAD}Content-Length: 0x2\r\n\r\n{}`],
  ['a length beyond all numbers', `${HEAD}Content-Length: 99999999999999999999\r\n\r\n{}`],
  [
    'an encoding before chunks that it is not',
    `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  ],
  ['a space before the colon', `${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['a folded header', `${HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ['a chunk of a size that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ['a chunk that is longer than it says', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
  ['lines that end without a return', 'GET /healthz HTTP/1.1\nHost: x\n\n'],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
  ['a return in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rb: c\r\n\r\n'],
  ['a space in the path', 'GET /health z HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['another version', 'GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n'],
  ['a method that is none', 'G(T /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a greeting of TLS', Buffer.from('160301020001000001fc0303', 'hex')],
  ['binary noise', Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 151) % 256))],
])('refuses %s, and takes nothing behind it for a request', async (_name, bytes) => {
  const sent = Buffer.concat([Buffer.from(bytes), Buffer.from(NEXT)]);
  const answered = await statuses(sent);
  expect(answered.filter((status) => status !== 400)).toEqual([]);
  expect(answered.length).toBeLessThanOrEqual(1);
  await expectUnharmed();
});

test('refuses two hosts and addresses of no form', async () => {
  const get = (target: string, host: string) =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  for (const host of ['a b', '[::1', 'a:99999', 'a/b', 'a@b', '']) {
    expect([host, await statuses(get('/api/products', host))]).toEqual([host, [400]]);
  }
  expect(await statuses(get('*', 'x'))).toEqual([400]);
  await expectUnharmed();
});

test('refuses to be a proxy', async () => {
  expect(
    await statuses('CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n'),
  ).toEqual([]);
  await expectUnharmed();
});

test('answers pipelined requests in order, and none behind an invalid one', async () => {
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const row = `${get('/healthz')}${get('/nothing')}${get('/api/users/me')}`;
  expect(await statuses(row + NEXT)).toEqual([200, 404, 401, 200]);
  // Earlier requests may not have been answered yet: invalid HTTP ends the connection at once.
  expect((await statuses(Buffer.from(`${row}\0\xff garbage\r\n\r\n${NEXT}`, 'latin1'))).at(-1)).toBe(400);
  await expectUnharmed();
});

test('accepts 16 KB of cookies, and refuses larger headers', async () => {
  const get = (target: string, headers: string) =>
    `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`;
  expect(await statuses(get('/healthz', `Cookie: a=${'x'.repeat(16_382)}\r\n`))).toEqual([200]);
  expect(await statuses(get('/healthz', `X: ${'x'.repeat(40_000)}\r\n`))).toEqual([431]);
  expect(await statuses(get(`/${'x'.repeat(40_000)}`, ''))).toEqual([431]);
  const many = Array.from({ length: 9000 }, (_, n) => `X${n}: 1\r\n`).join('');
  expect((await statuses(get('/healthz', many))).at(0)).toBe(431);
  await expectUnharmed();
});

test('says that a body is too large, declared or not, and goes on with the next request', async () => {
  const large = 'x'.repeat(300_000);
  const chunks = Array.from({ length: 30 }, () => `2710\r\n${'x'.repeat(10_000)}\r\n`).join('');
  expect(await statuses(`${HEAD}Content-Length: ${large.length}\r\n\r\n${large}${NEXT}`)).toEqual([413, 200]);
  expect(await statuses(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n${NEXT}`)).toEqual([
    413, 200,
  ]);
  await expectUnharmed();
});

test('does not wait for the whole of a body that is too large, and says that it closes', async () => {
  const socket = rawSocket(server.port);
  socket.write(`${HEAD}Content-Length: 9000000000\r\n\r\n${'x'.repeat(1000)}`);
  const answer = await socket.rest();
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  await expectUnharmed();
});

test('logs a client that disconnects in the middle of a body as such, not as an error', async () => {
  for (const framing of [
    'Content-Length: 500\r\n\r\n{"email":',
    'Transfer-Encoding: chunked\r\n\r\n9\r\n{"email":\r\n',
  ]) {
    for (const path of ['/api/sessions', '/api/reservations', '/api/nothing', '/blobs/uploads/x']) {
      const socket = rawSocket(server.port);
      socket.write(`${HEAD.replace('/api/sessions', path)}${framing}`);
      await sleep(20);
      socket.destroy();
    }
  }
  await expectUnharmed();
});

test('serves others while hundreds send slowly', async () => {
  const slow = Array.from({ length: 300 }, (_, n) => {
    const socket = rawSocket(server.port);
    socket.write(n % 2 ? `${HEAD}Content-Length: 900\r\n\r\n{` : HEAD.slice(0, 40));
    return socket;
  });
  for (let round = 0; round < 3; round++) {
    for (const socket of slow) socket.write(' ');
    await expectUnharmed();
  }
  for (const socket of slow) socket.destroy();
});

test.each([
  ['a path out of the folder', '/blobs/../../upload-secret'],
  ['an encoded path out of the folder', '/blobs/uploads/%2e%2e%2f%2e%2e%2fupload-secret'],
  ['no signature', '/blobs/uploads/x'],
  ['a signature of another length', '/blobs/uploads/x?expires=9999999999999&signature=00'],
  ['a signature that is none', `/blobs/uploads/x?expires=NaN&signature=${'zz'.repeat(32)}`],
])('stores no upload with %s', async (_name, target) => {
  const put = `PUT ${target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`;
  const [status] = await statuses(put);
  expect([403, 404]).toContain(status);
  expect(await statuses(put.replace('PUT', 'GET'))).toEqual([404]);
  await expectUnharmed();
});
