import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { type Serving, serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { cleanup } from '../../../support/cleanup';
import { until } from '../../../support/until';

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
/** Number of requests that wait for `release`. */
let waiting = 0;

beforeEach(async () => {
  lines.length = 0;
  waiting = 0;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  serving = await serve({
    log,
    port: 0,
    fetch: async (request) => {
      if (request.url.endsWith('/slow')) {
        waiting++;
        await held;
      }
      if (request.url.endsWith('/broken')) throw new Error('broken');
      return new Response(`hello ${new URL(request.url).pathname}`);
    },
  });
});
afterEach(() => {
  release();
  return serving.stop();
});

/** Asks for `/slow` on a connection that could be used again. */
function askSlowly() {
  const socket = connect(serving.port, '127.0.0.1');
  cleanup(() => socket.destroy());
  socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

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
      traceId: response.headers.get('x-request-id')?.replaceAll('-', ''),
      method: 'GET',
      path: '/things',
      status: 200,
      ms: expect.any(Number),
    },
  ]);
});

it('ELB-3: keeps a connection for longer than the 60 s of a balancer, and says so', async () => {
  const { headers } = await fetch(`http://127.0.0.1:${serving.port}/`);
  expect(headers.get('keep-alive')).toBe('timeout=75');
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
  await until(() => waiting === 1);
  const stopped = serving.stop();
  // A client that connects while it stops is still answered.
  const refused = () =>
    get('/').then(
      () => false,
      () => true,
    );
  while (!(await refused()));
  release();
  expect(await (await slow).text()).toBe('hello /slow');
  await stopped;
});

it('is not held up by a connection that could be used again', async () => {
  const socket = askSlowly();
  await until(() => waiting === 1);
  const stopped = serving.stop();
  release();
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/\r\nconnection: close\r\n/i);
  await stopped;
});

it('logs a client that disconnected before the answer as 499', async () => {
  const socket = askSlowly();
  await until(() => waiting === 1);
  socket.destroy();
  await once(socket, 'close');
  await logged(1);
  expect(lines[0]).toMatchObject({ path: '/slow', status: 499 });
});

it('answers a failure of the function itself with a problem, and tells the log why', async () => {
  const response = await get('/broken');
  expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
  expect(await response.json()).toMatchObject({ type: 'unexpected', status: 500 });
  await logged(2);
  expect(lines[0]).toMatchObject({ level: 'error', err: { message: 'broken' } });
});

it('says when the port is taken', async () => {
  await expect(serve({ log, port: serving.port, fetch: () => new Response() })).rejects.toThrow('EADDRINUSE');
});

/** A line is written when the connection is done with the answer, which is after the client has it. */
async function logged(count: number): Promise<void> {
  await until(() => lines.length >= count);
}
