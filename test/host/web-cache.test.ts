import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/until';
import { describeWith } from './support';
import { type AppServer, WebTier } from './web-tier';

describeWith('nginx', 'openssl')('the micro-cache of a web host', () => {
  let tier: WebTier;
  let app: AppServer;
  /** Number of answers that the application gave; each contains its own number. */
  let answers = 0;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 1, write: 1 });
    [app] = tier.read as [AppServer];
  });
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
  /** From now on the application answers only once it is let to; `asked`: when it was asked. */
  const hold = () => {
    let bring = (): void => undefined;
    const released = new Promise<void>((done) => {
      bring = done;
    });
    const asked = new Promise<void>((done) => {
      app.handler = async (_, answer) => {
        answers += 1;
        const body = `answer ${answers}`;
        done();
        await released;
        answer.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end(body);
      };
    });
    return { bring, asked };
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
    { Authorization: 'Bearer abc' },
  ])('answers %j from the copy for everybody: what it is answered depends on nobody', async (known) => {
    say('public, max-age=60');
    const path = `/api/products/for-${answers}-${Object.values(known)}`.replaceAll(/[^\w/-]/g, '');
    const bodies = [await read(path, known), await read(path, known), await read(path)];
    expect(bodies).toEqual(['answer 1', 'answer 1', 'answer 1']);
  });

  const WROTE = { Cookie: 'a=b; wrote=c' };

  it('asks the application for clients with the cookie `wrote`, and does not cache the answer', async () => {
    say('public, max-age=60');
    const path = '/api/products/wrote';
    const bodies = [await read(path), await read(path, WROTE), await read(path, WROTE), await read(path)];
    expect(bodies).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 1']);
    expect(app.seen.map(({ headers }) => headers['x-fresh'])).toEqual([undefined, '1', '1']);
  });

  it('answers them from the cache like all others when the application refuses', async () => {
    const path = '/api/products/refused';
    app.handler = ({ headers }, answer) => {
      if (headers['x-fresh']) return void answer.writeHead(412, { 'Content-Type': 'a/b' }).end('refused');
      answers += 1;
      answer.writeHead(200, { 'Cache-Control': 'public, max-age=60', ETag: '"7"' }).end(`answer ${answers}`);
    };
    expect([await read(path, WROTE), await read(path, WROTE), await read(path)]).toEqual(
      Array(3).fill('answer 1'),
    );
    expect(await tier.ask('HEAD', path, WROTE)).toMatchObject({ status: 200 });
    expect(await tier.ask('GET', path, { ...WROTE, 'If-None-Match': '"7"' })).toMatchObject({ status: 304 });
    expect(answers).toBe(1);
  });

  it('answers with a problem when nothing is cached and the application is away', async () => {
    app.handler = ({ headers }, answer) => {
      if (headers['x-fresh']) answer.writeHead(412, { 'Content-Length': '0' }).end();
      else answer.socket?.destroy();
    };
    const { status, headers, body } = await tier.ask('GET', '/api/products/away-and-refused', WROTE);
    expect([status, headers['content-type']]).toEqual([502, 'application/problem+json']);
    expect(JSON.parse(body)).toMatchObject({ type: 'unavailable', status: 502 });
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

  it('asks the application once for concurrent requests of one product', async () => {
    app.handler = async (_, answer) => {
      answers += 1;
      await sleep(300);
      answer.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end(`answer ${answers}`);
    };
    const bodies = await Promise.all(Array.from({ length: 60 }, () => read('/api/products/wanted')));
    expect(new Set(bodies)).toEqual(new Set(['answer 1']));
    expect(tier.count('/api/products/wanted')).toBe(1);
  });

  it('caches the 404 of a product that does not exist', async () => {
    say('public, max-age=60', {}, 404);
    await read('/api/products/missing');
    expect(await tier.ask('GET', '/api/products/missing')).toMatchObject({ status: 404, body: 'answer 1' });
  });

  it('answers 304 and HEAD from the cache, without asking the application', async () => {
    say('public, max-age=60', { ETag: '"7"' });
    await read('/api/products/tagged');
    for (const headers of [{ 'If-None-Match': '"7"' }, { 'If-None-Match': 'W/"7"' }]) {
      expect(await tier.ask('GET', '/api/products/tagged', headers)).toMatchObject({ status: 304 });
    }
    expect(await tier.ask('HEAD', '/api/products/tagged')).toMatchObject({ status: 200 });
    expect(answers).toBe(1);
  });

  it('gives the old copy while one request waits for the next, for as long as the application allows', async () => {
    say('public, max-age=1, stale-while-revalidate=30');
    await read('/api/products/stale');
    await sleep(2100);
    const { bring, asked } = hold();
    const first = read('/api/products/stale');
    await asked;
    const bodies = await Promise.all(Array.from({ length: 20 }, () => read('/api/products/stale')));
    expect(new Set(bodies)).toEqual(new Set(['answer 1']));
    expect(tier.count('/api/products/stale')).toBe(2);
    bring();
    expect(await first).toBe('answer 2');
    expect(await read('/api/products/stale')).toBe('answer 2');
  });

  it('delays no later request on a connection that was served a stale copy', async () => {
    say('public, max-age=1, stale-while-revalidate=30');
    await read('/api/products/old');
    await read('/api/products/other');
    await sleep(2100);
    say('public, max-age=60');
    await read('/api/products/other');
    const { bring, asked } = hold();
    const first = read('/api/products/old');
    await asked;
    const connection = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const onIt = (path: string) => tier.ask('GET', path, {}, '', connection);
    expect(await onIt('/api/products/old')).toMatchObject({ body: 'answer 1' });
    expect(await onIt('/api/products/other')).toMatchObject({ body: 'answer 3' });
    connection.destroy();
    bring();
    expect(await first).toBe('answer 4');
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
      expect(await tier.ask('GET', path, WROTE)).toMatchObject({ status });
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
