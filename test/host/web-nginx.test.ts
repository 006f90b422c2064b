import { Agent } from 'node:https';
import { createApi } from '../../lambda/shared/http/api';
import { createLog } from '../../lambda/shared/runtime/log';
import { eventually, until } from '../support/until';
import { HeldAnswers } from './held-answers';
import { expectProblem, REFUSALS, sendRaw } from './refusals';
import { shippedLines, workersOf } from './shipped';
import { describeWith } from './support';
import { WebTier } from './web-tier';

// nginx starts and stops; a busy machine takes its time.
describeWith('nginx', 'openssl')('nginx on a web host', () => {
  let tier: WebTier;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 1, write: 1 });
  });
  beforeEach(() => tier.reset());

  const last = (pool: 'read' | 'write') => tier[pool][0]?.seen.at(-1);

  it.each([
    ['GET', 'read'],
    ['HEAD', 'read'],
    ['POST', 'write'],
    ['PUT', 'write'],
    ['PATCH', 'write'],
    ['DELETE', 'write'],
    ['OPTIONS', 'write'],
  ] as const)('sends %s to the %s servers, path and query as they came', async (method, pool) => {
    for (const path of ['/api/orders/a%2Fb?x=%20y', '/api/products?q=tea%2F']) {
      expect(await tier.ask(method, path)).toMatchObject({ status: 200 });
      expect(last(pool)).toMatchObject({ url: path });
    }
    expect(tier[pool === 'read' ? 'write' : 'read'][0]?.seen).toEqual([]);
  });

  it('answers health checks itself, however the application is', async () => {
    expect(await tier.ask('GET', '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(tier.apps.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it.each(['/', '/shop.js', '/media/photos/1.webp', '/readyz', '/api'])(
    'has nothing at %s: pages and photos are the CDN’s',
    async (path) => {
      const { status, headers, body } = await tier.ask('GET', path);
      expect({ status, type: headers['content-type'], ...JSON.parse(body) }).toMatchObject({
        status: 404,
        type: 'not-found',
      });
      expect(headers['content-type']).toBe('application/problem+json');
    },
  );

  it('forwards requests with the address of the client, the scheme and the request id', async () => {
    const { headers } = await tier.ask('GET', '/api/orders', {
      Host: 'shop.example',
      'X-Forwarded-For': '203.0.113.7, 10.0.3.4',
      'X-Request-Id': 'forged-by-a-client',
      'X-Fresh': '1',
    });
    expect(last('read')?.headers).toMatchObject({
      host: 'shop.example',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
      'x-request-id': headers['x-request-id'],
    });
    expect(last('read')?.headers).not.toHaveProperty('x-fresh');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('believes of X-Forwarded-For only what the CDN and the balancer appended', async () => {
    await tier.ask('GET', '/api/orders', { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7, 10.0.3.4' });
    expect(last('read')?.headers['x-forwarded-for']).toBe('203.0.113.7');
    // As the web balancer leaves it, which appends no address.
    await tier.ask('GET', '/api/orders', { 'X-Forwarded-For': '6.6.6.6, 203.0.113.8' });
    expect(last('read')?.headers['x-forwarded-for']).toBe('203.0.113.8');
  });

  it('knows plain HTTP at the edge from what stands for the CDN on one machine', async () => {
    await tier.ask('POST', '/api/orders', { 'CloudFront-Forwarded-Proto': 'http' });
    expect(last('write')?.headers['x-forwarded-proto']).toBe('http');
  });

  it("hands on the application's cookies, and gives none itself", async () => {
    const cookies = ['session=a; Path=/', 'wrote=b'];
    for (const app of tier.write)
      app.handler = (_, answer) => void answer.writeHead(201, { 'Set-Cookie': cookies }).end();
    expect((await tier.ask('POST', '/api/sessions')).headers['set-cookie']).toEqual(cookies);
    for (const app of tier.write) app.handler = (_, answer) => void answer.writeHead(504).end();
    expect((await tier.ask('POST', '/api/sessions')).headers).not.toHaveProperty('set-cookie');
  });

  it.each(['/api/orders', '/api/products/1/stock'])(
    'asks no fresh answer of %s, where there is no copy',
    async (path) => {
      await tier.ask('GET', path, { Cookie: 'wrote=a', 'X-Fresh': '1' });
      expect(last('read')?.headers).not.toHaveProperty('x-fresh');
      expect(last('read')?.headers.cookie).toBe('wrote=a');
    },
  );

  it('sends changes to the write servers, also with the cookie `wrote`', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      await tier.ask(method, '/api/products', { Cookie: 'wrote=a' });
      expect(last('write')).toMatchObject({ method });
    }
    expect(tier.read[0]?.seen).toEqual([]);
  });

  it('keeps its connections to the application', async () => {
    for (let i = 0; i < 20; i++) await tier.ask('GET', '/api/orders');
    const connections = new Set(tier.read[0]?.seen.map(({ connection }) => connection));
    expect(connections.size).toBeLessThan(5);
  });

  it('compresses text, also for clients behind a proxy', async () => {
    const text = JSON.stringify('word '.repeat(1000));
    for (const app of tier.read) {
      app.handler = (_, answer) =>
        void answer.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
    }
    const { headers, body } = await tier.ask('GET', '/api/orders', {
      Via: '1.1 cloudfront',
      'Accept-Encoding': 'gzip',
    });
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(body.length).toBeLessThan(text.length / 10);
  });

  it.each(Object.entries(REFUSALS))('refuses %s as a problem, with its status', async (_, refused) => {
    expectProblem(await sendRaw(tier.port, refused.request), refused.problem);
    expect(tier.apps.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it('refuses plain HTTP as a problem', async () => {
    const request = 'GET /api/products HTTP/1.1\r\nHost: shop.example\r\n\r\n';
    expectProblem(await sendRaw(tier.port, request, true), { status: 400, type: 'bad-request' });
  });

  it.each(['/api/products', '/api/orders'])('hands 16 KB of cookies on for %s', async (path) => {
    const cookie = `a=${'b'.repeat(16_382)}`;
    expect(await tier.ask('GET', path, { Cookie: cookie })).toMatchObject({ status: 200 });
    expect(last('read')?.headers.cookie).toBe(cookie);
  });

  it.each([404, 429, 503])("hands the application's own %i on as it is", async (status) => {
    for (const app of tier.apps) {
      app.handler = (_, answer) => void answer.writeHead(status, { 'Retry-After': '9' }).end('own words');
    }
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect(await tier.ask(method, '/api/orders')).toMatchObject({
        status,
        body: 'own words',
        headers: { 'retry-after': '9' },
      });
    }
  });

  it.each([502, 504])("answers the balancer's own %i as a problem", async (status) => {
    for (const app of tier.apps) {
      app.handler = (_, answer) =>
        void answer.writeHead(status, { 'Content-Type': 'text/html' }).end('<html>');
    }
    for (const [method, path] of [
      ['GET', '/api/products'],
      ['GET', '/api/orders'],
      ['POST', '/api/orders'],
      ['DELETE', '/api/orders/1'],
    ] as const) {
      const { headers, body, ...answer } = await tier.ask(method, path);
      expect({ ...answer, problem: JSON.parse(body) }).toMatchObject({
        status,
        problem: { type: 'unavailable', status },
      });
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json',
        'retry-after': '5',
        'cache-control': 'no-store',
        'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    }
  });

  it("words the application's 413 as the application does", async () => {
    for (const app of tier.apps) app.handler = (_, answer) => void answer.writeHead(413).end();
    const { status, body } = await tier.ask('POST', '/api/orders');
    const large = new Request('http://shop.example/api/orders', { method: 'POST', body: 'x'.repeat(70_000) });
    large.headers.set('Content-Length', '70000');
    const api = createApi({
      log: createLog({ write: () => undefined }),
      problems: [],
      ready: async () => undefined,
    });
    const own = await api.fetch(large);
    // The detail is the application's own: nginx does not know its limit.
    const { detail: _, ...words } = (await own.json()) as Record<string, unknown>;
    expect([status, JSON.parse(body)]).toEqual([own.status, words]);
  });

  it('refuses a body of more than 1 MiB as a problem, without asking the application', async () => {
    const { status, headers, body } = await tier.ask('POST', '/api/orders', {}, 'x'.repeat(1_100_000));
    expect({ status, problem: JSON.parse(body) }).toMatchObject({
      status: 413,
      problem: { type: 'too-large' },
    });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(tier.apps.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it('refuses an address with too many requests, and no other', async () => {
    const busy = await burst(() => '203.0.113.9');
    const refused = busy.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(busy.length - refused.length).toBeGreaterThanOrEqual(200);
    for (const { status, headers, body } of refused) {
      expect(headers['retry-after']).toBe('1');
      expectProblem({ status, headers, body }, { status: 429, type: 'too-many-requests' });
    }
    expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 200 });
  });

  it('refuses an address with too many requests under way, and no other', async () => {
    const held = new HeldAnswers();
    for (const app of tier.read) app.handler = held.hold;
    const ask = (address: string) => tier.ask('GET', '/api/orders', { 'X-Forwarded-For': address });
    const hundred = Array.from({ length: 100 }, () => ask('203.0.113.30'));
    await until(() => held.count === 100);
    expect(await ask('203.0.113.30')).toMatchObject({ status: 429 });
    const other = ask('203.0.113.31');
    await until(() => held.count === 101);
    held.release();
    for (const { status } of await Promise.all([...hundred, other])) expect(status).toBe(200);
  });

  it('takes all addresses of one IPv6 network for one customer', async () => {
    const busy = await burst((i) => `2001:db8:1:2:${i}::1`);
    expect(busy.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    const others = await burst((i) => `2001:db8:${i}::1`);
    expect(others.filter(({ status }) => status === 429)).toEqual([]);
  });

  it('logs one JSON line a request: customer, server and cache, and no query', async () => {
    const { headers } = await tier.ask('GET', '/api/products?q=private', {
      'X-Forwarded-For': '203.0.113.7',
    });
    const texts = await eventually(async () => {
      const lines = tier.host.read('var/log/nginx/access.log').trim().split('\n');
      expect(lines.join()).toContain(headers['x-request-id']);
      return lines;
    });
    const line = texts
      .map((text) => JSON.parse(text))
      .find(({ requestId }) => requestId === headers['x-request-id']);
    expect(line).toMatchObject({
      client: '203.0.113.7',
      method: 'GET',
      path: '/api/products',
      status: 200,
      cache: 'MISS',
      upstream: `127.0.0.1:${tier.read[0]?.port}`,
      upstreamStatus: '200',
      upstreamConnectSeconds: expect.stringMatching(/^\d/),
    });
    expect(texts.join('\n')).not.toContain('private');
  });

  it('ships faults of its own, and no line of its error log that is about a request', async () => {
    const errorLog = () => tier.host.read('var/log/nginx/error.log');
    const shipped = () =>
      shippedLines(
        `${tier.host.root}/opt/shop/host/cloudwatch-agent.json`,
        '/var/log/nginx/error.log',
        tier.host.root,
      );
    await Promise.all(tier.read.map((app) => app.stop()));
    try {
      // Even where a long one leaves no room for its end, by which such lines are known.
      await tier.ask('GET', '/api/products?q=private');
      await tier.ask('GET', `/api/products?q=private${'x'.repeat(4000)}`);
    } finally {
      await Promise.all(tier.read.map((app) => app.listen(tier.pair)));
    }
    await eventually(async () => expect(errorLog()).toContain('q=privatexxx'));
    const [worker = 0] = workersOf(tier.nginx?.pid);
    process.kill(worker, 'SIGKILL');
    await eventually(async () => expect(shipped().join('\n')).toContain(`${worker} exited on signal 9`));
    expect(shipped().join('\n')).not.toMatch(/private|127\.0\.0\.1/);
    await eventually(() => tier.ask('GET', '/healthz'));
  });

  it('says in its access log which requests met no application, by no time of a connection', async () => {
    await Promise.all(tier.write.map((app) => app.stop()));
    const { headers } = await tier
      .ask('DELETE', '/api/orders/1')
      .finally(() => Promise.all(tier.write.map((app) => app.listen(tier.pair))));
    const line = await eventually(async () => {
      const lines = tier.host.read('var/log/nginx/access.log').split('\n');
      return JSON.parse(lines.find((text) => text.includes(String(headers['x-request-id']))) ?? '');
    });
    expect(line).toMatchObject({
      method: 'DELETE',
      status: 502,
      upstreamStatus: '502',
      upstreamConnectSeconds: '-',
    });
  });

  /** More requests than one customer may send, over fewer connections than one may have. */
  const burst = (customer: (i: number) => string) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 50, rejectUnauthorized: false });
    const asked = Array.from({ length: 600 }, (_, i) =>
      tier.ask('GET', '/api/orders', { 'X-Forwarded-For': customer(i) }, '', agent),
    );
    return Promise.all(asked).finally(() => agent.destroy());
  };
});
