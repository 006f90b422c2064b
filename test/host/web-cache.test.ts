import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, eventually } from './support';
import { type AppServer, WebTier } from './web-tier';

jest.setTimeout(60_000);

describeWith('nginx', 'openssl')('the micro-cache of a web host', () => {
  let tier: WebTier;
  let app: AppServer;
  /** How many answers the application gave; each says which one it is. */
  let answers = 0;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 1, write: 1 });
    [app] = tier.read as [AppServer];
  });
  afterAll(() => tier.stop());
  beforeEach(() => {
    tier.reset();
    answers = 0;
  });

  /** The application says this of each answer. */
  const say = (cacheControl: string | undefined, headers: Record<string, string> = {}, status = 200) => {
    app.handler = (_, answer) => {
      answers += 1;
      if (cacheControl) answer.setHeader('Cache-Control', cacheControl);
      answer.writeHead(status, headers).end(`answer ${answers}`);
    };
  };
  const read = async (path: string, headers: Record<string, string> = {}) =>
    (await tier.ask('GET', path, headers)).body;

  it.each(['/api/products', '/api/products?category=tea&limit=20', '/api/products/1', '/api/categories'])(
    'answers %s for everybody from one copy, for as long as the application says',
    async (path) => {
      say('public, max-age=60');
      const bodies = [await read(path), await read(path), await read(path)];
      expect(bodies).toEqual(['answer 1', 'answer 1', 'answer 1']);
      const { headers } = await tier.ask('GET', path);
      expect(headers['cache-control']).toBe('public, max-age=60');
    },
  );

  it.each(['/api/orders', '/api/products/1/ledger', '/api/users/me'])('keeps nothing of %s', async (path) => {
    say('public, max-age=60');
    expect([await read(path), await read(path)]).toEqual(['answer 1', 'answer 2']);
  });

  it.each<[string, string | undefined, Record<string, string>]>([
    ['private', 'private, no-store', {}],
    ['without a word about it', undefined, {}],
    ['with a cookie', 'public, max-age=60', { 'Set-Cookie': 'a=b' }],
  ])('keeps no answer that is %s', async (name, cacheControl, headers) => {
    say(cacheControl, headers);
    const path = `/api/products/${name.replaceAll(' ', '-')}`;
    expect([await read(path), await read(path)]).toEqual(['answer 1', 'answer 2']);
  });

  it.each<Record<string, string>>([
    { Cookie: 'session=a' },
    { Cookie: 'x=y; __Host-session=a' },
    { Cookie: 'wrote=1700000000.123' },
    { Authorization: 'Bearer abc' },
  ])('neither answers %j from a copy nor keeps what it gets', async (known) => {
    say('public, max-age=60');
    const path = `/api/products/for-${answers}-${Object.values(known)}`.replaceAll(/[^\w/-]/g, '');
    const bodies = [await read(path), await read(path, known), await read(path, known), await read(path)];
    expect(bodies).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 1']);
  });

  it('keeps answers of different hosts and queries apart', async () => {
    say('public, max-age=60');
    const bodies = [
      await read('/api/products?q=a'),
      await read('/api/products?q=b'),
      await read('/api/products?q=a', { Host: 'other.example' }),
      await read('/api/products?q=a'),
    ];
    expect(bodies).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 1']);
  });

  it('asks once for what many want at the same time', async () => {
    app.handler = async (_, answer) => {
      answers += 1;
      await sleep(300);
      answer.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end(`answer ${answers}`);
    };
    const bodies = await Promise.all(Array.from({ length: 60 }, () => read('/api/products/wanted')));
    expect(new Set(bodies)).toEqual(new Set(['answer 1']));
    expect(tier.count('/api/products/wanted')).toBe(1);
  });

  it('remembers what does not exist, and says so with 404', async () => {
    say('public, max-age=60', {}, 404);
    await read('/api/products/missing');
    expect(await tier.ask('GET', '/api/products/missing')).toMatchObject({ status: 404, body: 'answer 1' });
  });

  it('answers 304 to who has the copy, and HEAD, without asking', async () => {
    say('public, max-age=60', { ETag: '"7"' });
    await read('/api/products/tagged');
    for (const headers of [{ 'If-None-Match': '"7"' }, { 'If-None-Match': 'W/"7"' }]) {
      expect(await tier.ask('GET', '/api/products/tagged', headers)).toMatchObject({ status: 304 });
    }
    expect(await tier.ask('HEAD', '/api/products/tagged')).toMatchObject({ status: 200 });
    expect(answers).toBe(1);
  });

  it('gives the old copy while one request brings the next, for as long as the application allows', async () => {
    say('public, max-age=1, stale-while-revalidate=30');
    await read('/api/products/stale');
    await sleep(2100);
    // The next one does not come yet: nobody waits for it.
    let bring = (): void => undefined;
    app.handler = async (_, answer) => {
      answers += 1;
      await new Promise<void>((done) => {
        bring = done;
      });
      answer.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end(`answer ${answers}`);
    };
    const bodies = await Promise.all(Array.from({ length: 20 }, () => read('/api/products/stale')));
    expect(new Set(bodies)).toEqual(new Set(['answer 1']));
    expect(tier.count('/api/products/stale')).toBe(2);
    bring();
    await eventually(async () => expect(await read('/api/products/stale')).toBe('answer 2'));
  });

  it('gives no old copy beyond that', async () => {
    say('public, max-age=1');
    await read('/api/products/over');
    await sleep(2100);
    expect(await read('/api/products/over')).toBe('answer 2');
  });

  it('gives the old copy rather than an error', async () => {
    const errors = [500, 502, 503, 504];
    say('public, max-age=1');
    for (const status of errors) await read(`/api/products/failing-${status}`);
    await sleep(2100);
    for (const status of errors) {
      const path = `/api/products/failing-${status}`;
      say('no-store', {}, status);
      expect(await tier.ask('GET', path)).toMatchObject({
        status: 200,
        body: expect.stringMatching(/^answer \d$/),
      });
      expect(await tier.ask('GET', path, { Cookie: 'session=a' })).toMatchObject({ status });
    }
  });

  it('gives the old copy while the application is away', async () => {
    say('public, max-age=1');
    await read('/api/products/away');
    await sleep(2100);
    await app.stop();
    expect(await read('/api/products/away')).toBe('answer 1');
    expect(await tier.ask('GET', '/api/products/never-seen')).toMatchObject({ status: 502 });
    await app.listen(tier.pair);
    await eventually(async () => expect(await read('/api/products/away')).toBe('answer 2'));
  });
});
