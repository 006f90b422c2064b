import { createApi } from '../../../../lambda/shared/http/api';
import { originsFrom } from '../../../../lambda/shared/http/cross-origin';
import { createLog } from '../../../../lambda/shared/runtime/log';

const FRONT = 'https://app.example.com';
const log = createLog({ write: () => undefined });

function apiFor(allowedOrigins: readonly string[]) {
  const app = createApi({ log, problems: [], ready: async () => undefined, allowedOrigins });
  app.get('/api/products', () => new Response('{}', { headers: { ETag: '"1"' } }));
  app.post('/api/products', () => new Response('{}', { status: 201 }));
  return (method: string, headers: Record<string, string>, path = '/api/products') =>
    app.request(path, { method, headers: { host: 'shop.test', ...headers } });
}

const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type,idempotency-key',
});
const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin');

const listed = (answer: Response, what: string) =>
  answer.headers
    .get(`access-control-${what}`)
    ?.split(',')
    .map((one) => one.trim());

describe('a page of another origin', () => {
  const ask = apiFor([FRONT, 'http://localhost:5173']);

  it('that is allowed is answered before its request, and may send it with a token', async () => {
    for (const origin of [FRONT, 'http://localhost:5173']) {
      const asked = await ask('OPTIONS', preflight(origin));
      expect([asked.status, allowed(asked)]).toEqual([204, origin]);
      expect(listed(asked, 'allow-methods')).toEqual(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
      const headers = ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match'];
      expect(listed(asked, 'allow-headers')).toEqual(headers);
      expect(asked.headers.get('access-control-max-age')).toBe('86400');
      const made = await ask('POST', { origin, 'sec-fetch-site': 'cross-site' });
      expect([made.status, allowed(made)]).toEqual([201, origin]);
    }
  });

  it('reads answers and refusals with their headers, kept apart from those for other origins', async () => {
    const read = await ask('GET', { origin: FRONT });
    expect([read.status, allowed(read), read.headers.get('vary')]).toEqual([200, FRONT, 'Origin']);
    expect(listed(read, 'expose-headers')).toEqual(['ETag', 'Location', 'Retry-After', 'X-Request-Id']);
    const own = await ask('GET', {});
    expect([own.status, allowed(own), own.headers.get('vary')]).toEqual([200, null, 'Origin']);
    const missing = await ask('GET', { origin: FRONT }, '/api/nowhere');
    expect([missing.status, allowed(missing)]).toEqual([404, FRONT]);
  });

  it('never gets the cookie of a session', async () => {
    for (const answer of [await ask('OPTIONS', preflight(FRONT)), await ask('GET', { origin: FRONT })])
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(['https://evil.test', 'https://app.example.com.evil.test', 'http://app.example.com', 'null'])(
    'that is not allowed is refused: %s',
    async (origin) => {
      expect(allowed(await ask('OPTIONS', preflight(origin)))).toBeNull();
      expect(allowed(await ask('GET', { origin }))).toBeNull();
      expect((await ask('POST', { origin, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    },
  );

  it('is refused by default', async () => {
    const closed = apiFor([]);
    expect(allowed(await closed('OPTIONS', preflight(FRONT)))).toBeNull();
    expect((await closed('POST', { origin: FRONT })).status).toBe(403);
    expect((await closed('GET', { origin: FRONT })).headers.get('vary')).toBeNull();
  });
});

describe('the setting of allowed origins', () => {
  it('is a list with spaces, and none by default', () => {
    expect(originsFrom(undefined)).toEqual([]);
    expect(originsFrom(' https://a.example  http://localhost:5173 ')).toEqual([
      'https://a.example',
      'http://localhost:5173',
    ]);
  });

  it.each([
    '*',
    'a.example',
    'https://a.example/',
    'https://A.example',
    'https://a.example:443',
    'file://',
    'null',
  ])('refuses %s, which no browser sends or everybody does', (origin) => {
    expect(() => originsFrom(origin)).toThrow(`not "${origin}"`);
  });
});
