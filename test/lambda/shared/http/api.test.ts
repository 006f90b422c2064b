import { createRoute, z } from '@hono/zod-openapi';
import { createApi } from '../../../../lambda/shared/http/api';
import { createLog } from '../../../../lambda/shared/runtime/log';

class TooHotError extends Error {}

const written: string[] = [];
const log = createLog({ write: (line: string) => written.push(line) });
let ready: () => Promise<void>;

const app = createApi({
  log,
  ready: () => ready(),
  problems: [{ error: TooHotError, status: 409, type: 'too-hot', title: 'Too hot' }],
});
app.post('/hot', () => {
  throw new TooHotError('It has 90 °C, at most 60 are good');
});
app.post('/broken', () => {
  throw new Error('SELECT secret FROM internals');
});
const body = {
  content: { 'application/json': { schema: z.strictObject({ age: z.int(), name: z.string() }) } },
};
const echo = createRoute({
  method: 'post',
  path: '/echo',
  request: { body: { ...body, required: true } },
  responses: { 200: { description: 'what came' } },
});
app.openapi(echo, (c) => c.json(c.req.valid('json')));

const post = (path: string, json: unknown = {}, headers: Record<string, string> = {}) =>
  app.request(path, {
    method: 'POST',
    body: typeof json === 'string' ? json : JSON.stringify(json),
    headers: { 'content-type': 'application/json', host: 'shop.test', ...headers },
  });

beforeEach(() => {
  written.length = 0;
  ready = async () => undefined;
});

it('answers a known error with its status, type and detail as problem details', async () => {
  const response = await post('/hot');
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect([response.status, await response.json()]).toEqual([
    409,
    { type: 'too-hot', title: 'Too hot', status: 409, detail: 'It has 90 °C, at most 60 are good' },
  ]);
});

it('does not repeat a body of mistakes', async () => {
  const keys = Array.from({ length: 3000 }, (_, n) => [`wrong${n}`, n]);
  const response = await post('/echo', { age: 'x', name: 7, ...Object.fromEntries(keys) });
  const { errors } = (await response.json()) as { errors: { message: string }[] };
  expect(errors.length).toBeGreaterThan(2);
  for (const { message } of errors) expect(message.length).toBeLessThanOrEqual(201);
});

it('logs the cause of an unexpected error, and hides it from the caller', async () => {
  const response = await post('/broken');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('SELECT');
  expect(written.join()).toContain('SELECT secret FROM internals');
});

it('names every place where input is wrong at once', async () => {
  const response = await post('/echo', { age: 'old', extra: 1 });
  expect(response.status).toBe(400);
  const { errors } = (await response.json()) as { errors: { at: string }[] };
  expect(errors.map(({ at }) => at)).toEqual(['json.age', 'json.name', 'json']);
});

it.each([
  ['broken JSON', '{"age":'],
  ['nothing', ''],
])('answers %s with 400', async (_what, text) => {
  expect((await post('/echo', text)).status).toBe(400);
});

it('answers a body that is no JSON by its type with 415', async () => {
  expect((await post('/echo', 'age=1', { 'content-type': 'text/plain' })).status).toBe(415);
});

it('refuses a body of more than 64 KiB with 413', async () => {
  expect((await post('/echo', { name: 'x'.repeat(70_000), age: 1 })).status).toBe(413);
});

it('refuses such a body by the length that it declares, and one that declares none or is chunked by its bytes', async () => {
  const text = JSON.stringify({ name: 'x'.repeat(70_000), age: 1 });
  const length = { 'content-length': String(text.length) };
  expect((await post('/echo', text, length)).status).toBe(413);
  expect((await post('/echo', text, { 'content-length': '9', 'transfer-encoding': 'chunked' })).status).toBe(
    413,
  );
});

it('asks no body that declares its length for a stream, which costs more than the rest of a request', async () => {
  const text = JSON.stringify({ name: 'x', age: 1 });
  const request = new Request('http://shop.test/echo', {
    ...{ method: 'POST', body: text },
    headers: { 'content-type': 'application/json', 'content-length': String(text.length) },
  });
  let streams = 0;
  const original = Object.getOwnPropertyDescriptor(Request.prototype, 'body')?.get;
  Object.defineProperty(request, 'body', { get: () => ++streams && original?.call(request) });
  expect((await app.request(request)).status).toBe(200);
  expect(streams).toBe(0);
});

it('refuses what a browser sends for another site, and takes its own', async () => {
  const input = { age: 1, name: 'x' };
  expect((await post('/echo', input, { origin: 'https://evil.test' })).status).toBe(403);
  expect((await post('/echo', input, { origin: 'null' })).status).toBe(403);
  expect((await post('/echo', input, { origin: 'https://shop.test' })).status).toBe(200);
  expect((await post('/echo', input)).status).toBe(200);
});

it('answers 404 to an unknown path', async () => {
  expect((await app.request('/nowhere')).status).toBe(404);
});

it('is healthy while the process answers, and ready only while its database answers', async () => {
  expect((await app.request('/readyz')).status).toBe(200);
  ready = () => Promise.reject(new Error('connection refused at 10.0.0.1'));
  const response = await app.request('/readyz');
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await response.text()).not.toContain('10.0.0.1');
  expect((await app.request('/healthz')).status).toBe(200);
});

describe('a request of a browser', () => {
  const status = async (headers: Record<string, string>) => (await post('/hot', {}, headers)).status;
  const [CAME, REFUSED] = [409, 403];

  it.each([
    ['the page is of the same host', { origin: 'http://shop.test' }, CAME],
    ['the Host has the default port', { origin: 'http://shop.test', host: 'shop.test:80' }, CAME],
    ['TLS ended before us', { origin: 'https://shop.test', host: 'shop.test:443' }, CAME],
    ['the Host has capitals', { origin: 'http://shop.test:8080', host: 'Shop.TEST:8080' }, CAME],
    ['a proxy changed the Host', { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }, CAME],
    ['the person typed the address', { 'sec-fetch-site': 'none' }, CAME],
    ['no browser sent it', {}, CAME],
    ['the page is of another site', { origin: 'https://evil.test' }, REFUSED],
    ['the page is of another port', { origin: 'http://shop.test:8081' }, REFUSED],
    ['the port is that of another protocol', { origin: 'https://shop.test', host: 'shop.test:80' }, REFUSED],
    ['the page has no origin', { origin: 'null' }, REFUSED],
    ['the page is a file', { origin: 'file://', host: '' }, REFUSED],
    ['a sibling domain sent it', { origin: 'https://shop.test', 'sec-fetch-site': 'same-site' }, REFUSED],
    ['another site sent it', { 'sec-fetch-site': 'cross-site' }, REFUSED],
    ['Fetch Metadata is unknown', { origin: 'http://shop.test', 'sec-fetch-site': 'odd' }, REFUSED],
  ])('is from this site or refused: %s', async (_, headers, expected) => {
    expect(await status(headers)).toBe(expected);
  });
});
