import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { createLog } from '../../../lambda/shared/log';
import { type Serving, serve } from '../../../lambda/shared/serve';

const lines: Record<string, unknown>[] = [];
const log = createLog(
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(chunk));
      done();
    },
  }),
);
let serving: Serving;
let release: () => void = () => undefined;

beforeEach(async () => {
  lines.length = 0;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  serving = await serve({
    log,
    port: 0,
    fetch: async (request) => {
      if (request.url.endsWith('/slow')) await held;
      return new Response(`hello ${new URL(request.url).pathname}`);
    },
  });
});
afterEach(() => {
  release();
  return serving.stop();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${serving.port}${path}`, { headers: { connection: 'close', ...headers } });

it('answers, and logs one line a request, without the query and the headers', async () => {
  const response = await get('/things?q=private', {
    authorization: 'Bearer secret',
    cookie: 'session=secret',
  });
  expect(await response.text()).toBe('hello /things');
  await logged(1);
  expect(lines).toEqual([
    {
      time: expect.any(String),
      level: 'info',
      msg: 'request',
      requestId: response.headers.get('x-request-id'),
      method: 'GET',
      path: '/things',
      status: 200,
      ms: expect.any(Number),
    },
  ]);
});

it("keeps a proxy's request id, and makes its own of one that could forge a log line", async () => {
  expect((await get('/', { 'x-request-id': 'abc-12345678' })).headers.get('x-request-id')).toBe(
    'abc-12345678',
  );
  expect((await get('/', { 'x-request-id': '{"level":"x"}' })).headers.get('x-request-id')).toMatch(
    /^[\w-]{36}$/,
  );
});

it('finishes what is in flight when it stops, and takes nothing new', async () => {
  const slow = get('/slow');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopped = serving.stop();
  await new Promise(setImmediate);
  await expect(get('/')).rejects.toThrow();
  release();
  expect(await (await slow).text()).toBe('hello /slow');
  await stopped;
});

it('is not held up by a connection that could be used again', async () => {
  const socket = connect(serving.port, '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stopped = serving.stop();
  release();
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/\r\nconnection: close\r\n/i);
  await stopped;
});

it('logs who gave up before the answer as 499', async () => {
  const socket = connect(serving.port, '127.0.0.1');
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
  await once(socket, 'close');
  await logged(1);
  expect(lines[0]).toMatchObject({ path: '/slow', status: 499 });
});

it('says when the port is taken', async () => {
  await expect(serve({ log, port: serving.port, fetch: () => new Response() })).rejects.toThrow('EADDRINUSE');
});

/** A line is written when the connection is done with the answer, which is after the client has it. */
async function logged(count: number): Promise<void> {
  while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}
