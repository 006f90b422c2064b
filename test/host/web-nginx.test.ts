import { describeWith, eventually } from './support';
import { WebTier } from './web-tier';

// nginx starts and stops; a busy machine takes its time.
jest.setTimeout(60_000);

describeWith('nginx', 'openssl')('nginx on a web host', () => {
  let tier: WebTier;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 1, write: 1 });
  });
  afterAll(() => tier.stop());
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

  it('hands requests on with who asked, how, and under which id', async () => {
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
    // As the web balancer leaves it: it appends nobody.
    await tier.ask('GET', '/api/orders', { 'X-Forwarded-For': '6.6.6.6, 203.0.113.8' });
    expect(last('read')?.headers['x-forwarded-for']).toBe('203.0.113.8');
  });

  it('knows plain HTTP at the edge from what stands for the CDN on one machine', async () => {
    const { headers } = await tier.ask('POST', '/api/orders', { 'CloudFront-Forwarded-Proto': 'http' });
    expect(last('write')?.headers['x-forwarded-proto']).toBe('http');
    expect(String(headers['set-cookie'])).not.toContain('Secure');
  });

  it('gives who wrote a cookie for a minute, besides those of the application', async () => {
    for (const app of tier.write) {
      app.handler = (_, answer) =>
        void answer.writeHead(201, { 'Set-Cookie': ['session=a; Path=/', 'other=b'] }).end();
    }
    const { headers } = await tier.ask('POST', '/api/sessions');
    expect(headers['set-cookie']).toEqual([
      'session=a; Path=/',
      'other=b',
      expect.stringMatching(/^wrote=\d+\.\d{3}; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ]);
  });

  it.each([
    ['POST', 409],
    ['PATCH', 412],
    ['DELETE', 503],
    ['POST', 504],
  ])('gives it for a %s that is answered %i too: copies are old, or may be', async (method, status) => {
    for (const app of tier.apps) app.handler = (_, answer) => void answer.writeHead(status).end();
    const answer = await tier.ask(method, '/api/orders');
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^wrote=/)]);
  });

  it.each([
    ['GET', 200],
    ['GET', 504],
    ['POST', 303],
    ['POST', 400],
    ['DELETE', 404],
  ])('gives no cookie for a %s that is answered %i', async (method, status) => {
    for (const app of tier.apps) app.handler = (_, answer) => void answer.writeHead(status).end();
    const answer = await tier.ask(method, '/api/orders');
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('tells the application who just wrote', async () => {
    await tier.ask('GET', '/api/orders', { Cookie: 'a=b; wrote=1700000000.123' });
    expect(last('read')?.headers['x-fresh']).toBe('1');
  });

  it('keeps its connections to the application', async () => {
    for (let i = 0; i < 20; i++) await tier.ask('GET', '/api/orders');
    const connections = new Set(tier.read[0]?.seen.map(({ connection }) => connection));
    expect(connections.size).toBeLessThan(5);
  });

  it('compresses text, also for who comes through a proxy', async () => {
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

  it.each([404, 413, 429, 503])("hands the application's own %i on as it is", async (status) => {
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

  it('refuses a body of more than 1 MiB as a problem, before the application hears of it', async () => {
    const { status, headers, body } = await tier.ask('POST', '/api/orders', {}, 'x'.repeat(1_100_000));
    expect({ status, problem: JSON.parse(body) }).toMatchObject({
      status: 413,
      problem: { type: 'too-large' },
    });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(tier.apps.flatMap(({ seen }) => seen)).toEqual([]);
  });

  it('refuses who asks too much, and nobody else', async () => {
    const busy = await burst(() => '203.0.113.9');
    const refused = busy.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
    });
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ type: 'too-many-requests' });
    expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 200 });
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
    });
    expect(texts.join('\n')).not.toContain('private');
  });

  /** More requests at once than one customer may send. */
  const burst = (customer: (i: number) => string) =>
    Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        tier.ask('GET', '/api/orders', { 'X-Forwarded-For': customer(i) }),
      ),
    );
});
