import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { cleanup, cleanupServer } from '../support/cleanup';
import { eventually, until } from '../support/until';
import { startBoxNginx } from './box-nginx';
import { HeldAnswers } from './held-answers';
import { expectProblem, REFUSALS, sendRaw } from './refusals';
import { shippedLines, workersOf } from './shipped';
import { Box, describeWith, freePorts, HOST } from './support';

const CLIP = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 251));

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

describeWith('nginx', 'openssl')('nginx on the box', () => {
  const box = new Box();
  cleanup(() => box.remove());
  const seen: IncomingMessage[] = [];
  const held = new HeldAnswers();
  let app: Server;
  let nginx: ChildProcess;
  let ports = { http: 0, https: 0, app: 0 };

  const plain = (path: string, options: RequestOptions = {}) =>
    answer(httpRequest({ port: ports.http, host: '127.0.0.1', path, ...options }));
  const secure = (path: string, options: RequestOptions = {}, body = '') =>
    answer(
      httpsRequest({ port: ports.https, host: '127.0.0.1', path, rejectUnauthorized: false, ...options }),
      body,
    );

  const overHttp2 = async (asked: OutgoingHttpHeaders) => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
    try {
      const stream = session.request(asked);
      const [{ ':status': status = 0, ...headers }] = await once(stream, 'response');
      return { status: Number(status), headers, body: await text(stream) };
    } finally {
      session.destroy();
    }
  };

  beforeAll(async () => {
    const [http = 0, https = 0, free = 0] = await freePorts(3);
    ports = { http, https, app: free };
    box.write('opt/shop/current/storefront/index.html', '<!doctype html><title>Shop</title>');
    box.write('opt/shop/current/storefront/shop.js', `export const words = '${'word '.repeat(1000)}';`);
    box.write('opt/shop/current/storefront/clip.webm', CLIP);
    app = await startApp(ports.app, seen, held);
    nginx = startBoxNginx(box, ports, 'shop.example');
    await eventually(() => plain('/healthz'));
  });

  it('sends plain HTTP to HTTPS with path and query, and answers health checks without', async () => {
    const { status, headers } = await plain('/api/products?q=tea', { method: 'POST' });
    expect({ status, location: headers.location }).toEqual({
      status: 308,
      location: 'https://127.0.0.1/api/products?q=tea',
    });
    expect(await plain('/healthz')).toMatchObject({ status: 200 });
  });

  it('forwards requests with the address of the client, the scheme and the request id', async () => {
    const { status, headers, body } = await secure('/api/products?q=tea', {
      headers: {
        'X-Forwarded-For': '6.6.6.6',
        'X-Request-Id': 'forged-by-a-client',
        'X-Fresh': '1',
        Host: 'shop.example',
      },
    });
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: '/api/products?q=tea' });
    expect(seen.at(-1)?.headers).toMatchObject({
      host: 'shop.example',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-request-id': headers['x-request-id'],
    });
    expect(seen.at(-1)?.headers).not.toHaveProperty('x-fresh');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reuses its connections to the application', async () => {
    for (let i = 0; i < 10; i++) await secure('/api/again');
    const sockets = new Set(seen.filter(({ url }) => url === '/api/again').map(({ socket }) => socket));
    expect(sockets.size).toBeLessThan(5);
  });

  it.each(['/', '/api/products', '/missing'])('adds the security headers to %s once', async (path) => {
    const { headers } = await secure(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'self';"),
    });
    expect(headers.server).toBe('nginx');
  });

  it('tells browsers to insist on TLS for the domain, and not for an address', async () => {
    expect((await secure('/')).headers).not.toHaveProperty('strict-transport-security');
    const { headers } = await secure('/', { headers: { Host: 'shop.example' } });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('serves the storefront, asked about each time and answered with 304', async () => {
    const { status, headers } = await secure('/');
    expect({ status, type: headers['content-type'], cache: headers['cache-control'] }).toEqual({
      status: 200,
      type: 'text/html; charset=utf-8',
      cache: 'no-cache',
    });
    expect(await secure('/', { headers: { 'If-None-Match': String(headers.etag) } })).toMatchObject({
      status: 304,
    });
  });

  it('B2: sends the range of a video that a browser asks for', async () => {
    const part = await secure('/clip.webm', { headers: { Range: 'bytes=100-199' } });
    expect(part).toMatchObject({
      status: 206,
      headers: {
        'content-type': 'video/webm',
        'content-range': 'bytes 100-199/1000',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
      },
    });
    expect(part.body).toEqual(Buffer.from(CLIP.subarray(100, 200)));
    expect(await secure('/clip.webm', { headers: { Range: 'bytes=1000-' } })).toMatchObject({ status: 416 });
  });

  it('sends other files whole, also when a range is requested', async () => {
    expect(await secure('/', { headers: { Range: 'bytes=5000-' } })).toMatchObject({ status: 200 });
  });

  it('compresses text', async () => {
    const { headers, body } = await secure('/shop.js', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(body).toString()).toContain('word word');
  });

  it('never serves a file outside the storefront', async () => {
    box.write('opt/shop/current/server.js', 'secret');
    expect(await secure('/../server.js')).toMatchObject({ status: 400 });
    expect(await secure('/%2e%2e/server.js')).toMatchObject({ status: 400 });
  });

  it('speaks HTTP/2, and hands the host on', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/api/two', ':authority': 'shop.example' });
    const status = await new Promise((done) =>
      stream.once('response', (headers) => done(headers[':status'])),
    );
    session.destroy();
    expect(status).toBe(200);
    expect(seen.at(-1)?.headers.host).toBe('shop.example');
  });

  it.each([
    ['TLSv1.3', true],
    ['TLSv1.2', true],
    ['TLSv1.1', false],
  ] as const)('offers %s: %s', async (version, offered) => {
    const options = {
      minVersion: version,
      maxVersion: version,
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    };
    const agreed = await new Promise<boolean>((done) => {
      const socket = connectTls({ port: ports.https, host: '127.0.0.1', ...options }, () => {
        socket.end();
        done(true);
      });
      socket.once('error', () => done(false));
    });
    expect(agreed).toBe(offered);
  });

  it('hands photos and uploads to the application, uploads of up to 10 MiB as they arrive', async () => {
    expect(await secure('/media/photos/1/640.webp')).toMatchObject({ status: 200 });
    const upload = { method: 'PUT' };
    expect(await secure('/blobs/uploads/1?signature=a', upload, 'x'.repeat(10_000_000))).toMatchObject({
      status: 200,
    });
    expect(seen.at(-1)?.url).toBe('/blobs/uploads/1?signature=a');
    expect(await secure('/blobs/uploads/1', upload, 'x'.repeat(11_000_000))).toMatchObject({ status: 413 });
  });

  it('lets pages upload to the object store once a release says where it is, and nowhere else', async () => {
    const policy = async () => String((await secure('/')).headers['content-security-policy']);
    expect(await policy()).toContain("connect-src 'self' ;");
    box.write('opt/shop/current/uploads.map', 'default https://media.s3.eu-central-1.amazonaws.com;\n');
    nginx.kill('SIGHUP');
    await eventually(async () =>
      expect(await policy()).toContain("connect-src 'self' https://media.s3.eu-central-1.amazonaws.com;"),
    );
  });

  it('refuses a body of more than 1 MiB as a problem', async () => {
    const { status, headers, body } = await secure('/api/big', { method: 'POST' }, 'x'.repeat(1_100_000));
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 413,
      type: 'application/problem+json',
    });
    expect(JSON.parse(body.toString())).toMatchObject({ type: 'too-large', status: 413 });
  });

  it.each(Object.entries(REFUSALS))(
    'refuses %s as a problem, with its status',
    async (_, { request, problem }) => {
      expectProblem(await sendRaw(ports.https, request), problem);
    },
  );

  it('refuses as problems what comes to the port of plain HTTP, and plain HTTP that comes to the other', async () => {
    const badRequest = { status: 400, type: 'bad-request' };
    expectProblem(await sendRaw(ports.http, 'nonsense\r\n\r\n', true), badRequest);
    expectProblem(
      await sendRaw(ports.https, 'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n', true),
      badRequest,
    );
  });

  it('hands 16 KB of cookies on, in one header or, as browsers send them over HTTP/2, in many', async () => {
    const cookies = Array.from({ length: 4 }, (_, i) => `c${i}=${'x'.repeat(4091)}`);
    const cookie = cookies.join('; ');
    expect(await secure('/api/cookies', { headers: { Cookie: cookie } })).toMatchObject({ status: 200 });
    expect(seen.at(-1)?.headers.cookie).toBe(cookie);
    expect(await overHttp2({ ':path': '/api/cookies', cookie: cookies })).toMatchObject({ status: 200 });
    expect(seen.at(-1)?.headers.cookie).toBe(cookie);
  });

  it('refuses over HTTP/2 as over HTTP/1: as a problem', async () => {
    expectProblem(await overHttp2({ ':path': '/api/%00' }), { status: 400, type: 'bad-request' });
    expectProblem(await overHttp2({ ':method': 'TRACE' }), { status: 405, type: 'method-not-allowed' });
  });

  it.each<[string, RequestOptions, number, string]>([
    ['/missing.html', {}, 404, 'not-found'],
    ['/folder/', {}, 404, 'not-found'],
    ['/', { method: 'POST' }, 405, 'method-not-allowed'],
    ['/', { headers: { 'If-Match': '"another"' } }, 412, 'precondition-failed'],
  ])('answers %s with %j as a problem: %i', async (path, options, status, type) => {
    box.write('opt/shop/current/storefront/folder/file.txt', 'text');
    // nginx closes the connection after a 412 without saying so.
    const { headers, body, ...answer } = await secure(path, { agent: false, ...options });
    expectProblem(
      { ...answer, headers: headers as Record<string, string>, body: body.toString() },
      { status, type },
    );
  });

  it("hands the application's own problems on as they are", async () => {
    const { status, body } = await secure('/api/unavailable');
    expect({ status, body: body.toString() }).toEqual({ status: 503, body: 'own words' });
  });

  it('logs one JSON line a request, without its query', async () => {
    const { headers } = await secure('/api/search?q=private');
    const lines = await eventually(async () => {
      const texts = box.read('var/log/nginx/access.log').trim().split('\n');
      expect(texts.join()).toContain(headers['x-request-id']);
      return texts;
    });
    const line = lines
      .map((text) => JSON.parse(text))
      .find(({ requestId }) => requestId === headers['x-request-id']);
    expect(line).toMatchObject({ method: 'GET', path: '/api/search', status: 200, client: '127.0.0.1' });
    expect(lines.join('\n')).not.toContain('private');
  });

  it('ships faults of its own, and no line of its error log that is about a request', async () => {
    const agent = join(HOST, 'cloudwatch-agent.json');
    const shipped = () => shippedLines(agent, '/var/log/nginx/error.log', box.root).join('\n');
    await secure(`/private-${'x'.repeat(3000)}?q=private`);
    await eventually(async () => expect(box.read('var/log/nginx/error.log')).toContain('private-xxx'));
    const [worker = 0] = workersOf(nginx.pid);
    process.kill(worker, 'SIGKILL');
    await eventually(async () => expect(shipped()).toContain(`${worker} exited on signal 9`));
    expect(shipped()).not.toMatch(/private|127\.0\.0\.1/);
    await eventually(() => secure('/', { agent: false }));
  });

  it('answers 502 as a problem to be tried again when the application is away', async () => {
    app.closeAllConnections();
    await new Promise((done) => app.close(done));
    const { status, headers, body } = await secure('/api/products');
    expect({ status, type: headers['content-type'], retry: headers['retry-after'] }).toEqual({
      status: 502,
      type: 'application/problem+json',
      retry: '5',
    });
    expect(JSON.parse(body.toString())).toMatchObject({ type: 'unavailable', status: 502 });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    app = await startApp(ports.app, seen, held);
    expect(await secure('/api/products')).toMatchObject({ status: 200 });
  });

  it('refuses an address with too many requests under way', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
    const ask = () => {
      const stream = session.request({ ':path': '/blobs/held' });
      return once(stream, 'response').then(([{ ':status': status }]) => status);
    };
    try {
      const hundred = Array.from({ length: 100 }, ask);
      await until(() => held.count === 100);
      expect(await ask()).toBe(429);
      held.release();
      expect(new Set(await Promise.all(hundred))).toEqual(new Set([200]));
    } finally {
      session.destroy();
    }
  });

  it.each(['/api/burst', '/blobs/burst'])(
    'refuses an address with too many requests for %s',
    async (path) => {
      // Fewer connections than one address may have.
      const agent = new Agent({ keepAlive: true, maxSockets: 50, rejectUnauthorized: false });
      const answers = await Promise.all(Array.from({ length: 600 }, () => secure(path, { agent }))).finally(
        () => agent.destroy(),
      );
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(0);
      for (const { headers, body, ...answer } of refused) {
        expect(headers['retry-after']).toBe('1');
        expectProblem(
          { ...answer, headers: headers as Record<string, string>, body: body.toString() },
          { status: 429, type: 'too-many-requests' },
        );
      }
    },
  );
});

/** Says which path it got; `/api/unavailable` is its own 503, and `/blobs/held` is answered when it is released. */
function startApp(port: number, seen: IncomingMessage[], held: HeldAnswers): Promise<Server> {
  const server = createServer({ maxHeaderSize: 32_768 }, (incoming, outgoing) => {
    seen.push(incoming);
    outgoing.setHeader('X-Request-Id', 'the-applications-own');
    // After the whole request, as the shop does: an answer in the middle of an upload ends its connection.
    incoming.resume().once('end', () => {
      if (incoming.url === '/api/unavailable') outgoing.writeHead(503).end('own words');
      else if (incoming.url === '/blobs/held') held.hold(incoming, outgoing);
      else outgoing.end(incoming.url);
    });
  });
  cleanupServer(server);
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}

function answer(request: ReturnType<typeof httpRequest>, body = ''): Promise<Answer> {
  return new Promise((done, failed) => {
    request.once('error', failed);
    request.once('response', async (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.end(body);
  });
}
