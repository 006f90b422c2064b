import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { Box, certificateFor, describeWith, environment, eventually, freePorts } from './support';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

describeWith('nginx', 'openssl')('nginx on the box', () => {
  const box = new Box();
  const seen: IncomingMessage[] = [];
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

  beforeAll(async () => {
    const [http = 0, https = 0, free = 0] = await freePorts(3);
    ports = { http, https, app: free };
    const { certificate, key } = certificateFor('shop.example');
    box.write('etc/shop/tls/current/certificate.pem', certificate);
    box.write('etc/shop/tls/current/key.pem', key);
    box.write('opt/shop/current/storefront/index.html', '<!doctype html><title>Shop</title>');
    box.write('opt/shop/current/storefront/shop.js', `export const words = '${'word '.repeat(1000)}';`);
    const conf = box.nginx(ports, 'shop.example');
    app = await startApp(ports.app, seen);
    execFileSync('nginx', ['-t', '-q', '-c', conf], { env: environment() });
    nginx = spawn('nginx', ['-c', conf, '-g', 'daemon off;'], { env: environment(), stdio: 'ignore' });
    await eventually(() => plain('/healthz'));
  });

  afterAll(async () => {
    nginx.kill();
    await new Promise((done) => nginx.once('exit', done));
    app.closeAllConnections();
    app.close();
    box.remove();
  });

  it('sends plain HTTP to HTTPS with path and query, and answers health checks without', async () => {
    const { status, headers } = await plain('/api/products?q=tea', { method: 'POST' });
    expect({ status, location: headers.location }).toEqual({
      status: 308,
      location: 'https://127.0.0.1/api/products?q=tea',
    });
    expect(await plain('/healthz')).toMatchObject({ status: 200 });
  });

  it('hands requests to the application with who asked, how, and under which id', async () => {
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

  it('compresses text', async () => {
    const { headers, body } = await secure('/shop.js', { headers: { 'Accept-Encoding': 'gzip' } });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(gunzipSync(body).toString()).toContain('word word');
  });

  it('never serves what is beside the storefront', async () => {
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
    app = await startApp(ports.app, seen);
    expect(await secure('/api/products')).toMatchObject({ status: 200 });
  });

  it('answers 429 as a problem to an address that asks too much', async () => {
    const session = connectHttp2(`https://127.0.0.1:${ports.https}`, { rejectUnauthorized: false });
    const answers = await Promise.all(
      Array.from(
        { length: 600 },
        () =>
          new Promise<IncomingHttpHeaders & IncomingHttpStatusHeader>((done) =>
            session.request({ ':path': '/api/burst' }).once('response', done).resume(),
          ),
      ),
    );
    session.destroy();
    const refused = answers.find((headers) => headers[':status'] === 429);
    expect(refused).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' });
  });
});

/** Says which path it got; `/api/unavailable` is its own 503. */
function startApp(port: number, seen: IncomingMessage[]): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    seen.push(incoming);
    outgoing.setHeader('X-Request-Id', 'the-applications-own');
    // After the whole request, as the shop does: an answer in the middle of an upload ends its connection.
    incoming.resume().once('end', () => {
      if (incoming.url === '/api/unavailable') outgoing.writeHead(503).end('own words');
      else outgoing.end(incoming.url);
    });
  });
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
