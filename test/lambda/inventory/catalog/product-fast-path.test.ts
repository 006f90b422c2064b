import fc from 'fast-check';
import { pino } from 'pino';
import { type Serving, serve } from '../../../../lambda/shared/http/serve';
import { rawSocket } from '../../../hostile/raw-socket';
import { engines } from '../../../support/engines';
import { ROUNDS, SEED } from '../../../support/rounds';
import { MUG, openShop, type Shop, STAFF } from '../shop';

const [sqlite] = engines();
if (!sqlite) throw new Error('There is always SQLite');
const log = pino({ level: 'silent' });

let shop: Shop;
let path: string;
/** One by routes alone, and one with the fast path. */
let [routed, fast]: Serving[] = [];
let taken = 0;

beforeAll(async () => {
  shop = await openShop(sqlite);
  path = `/api/products/${await shop.add(MUG, 5)}`;
  const { fetch, fastPath } = shop;
  routed = await serve({ fetch, log, port: 0 });
  fast = await serve({
    ...{ fetch, log, port: 0 },
    fastPath: (incoming) => {
      const ready = fastPath?.(incoming);
      if (ready) taken += 1;
      return ready;
    },
  });
});
afterAll(() => Promise.all([routed?.stop(), fast?.stop()]));

/** The bytes of the answer, without the time and the id of the request. */
async function sent(server: Serving | undefined, request: string): Promise<string> {
  const socket = rawSocket(server?.port ?? 0);
  socket.write(request);
  const answer = await socket.rest();
  return answer.replace(/^(date|x-request-id): .*$/gim, '$1');
}

const requestOf = (method: string, target: string, headers: readonly (readonly [string, string])[]) =>
  [
    `${method} ${target} HTTP/1.1`,
    ...headers.map((header) => header.join(': ')),
    'Connection: close',
    '',
    '',
  ].join('\r\n');

const read = (headers: readonly (readonly [string, string])[] = [['Host', 'shop.example']]) =>
  requestOf('GET', path, headers);

/** The answers of both, after one that fills the copy; how many the fast path gave. */
async function both(request: string) {
  await sent(routed, read());
  const before = taken;
  return { byRoutes: await sent(routed, request), byBoth: await sent(fast, request), ready: taken - before };
}

describe('a product from memory', () => {
  test('is answered without a route, with the same bytes', async () => {
    let answers = await both(read());
    // A copy lives for a second, which a busy machine may take.
    while (answers.ready === 0) answers = await both(read());
    const { byRoutes, byBoth } = answers;
    expect(byBoth).toBe(byRoutes);
    expect(byBoth).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"name":"Coffee mug"/);
  });

  test.each([
    ['a tag that the client has', [['If-None-Match', '"1-5"']], /^HTTP\/1\.1 304/],
    ['a client that wants it fresh', [['X-Fresh', '1']], /^HTTP\/1\.1 412/],
    ['a host that is none', [['Host', 'a b']], /^HTTP\/1\.1 400/],
    ['a body', [['Content-Length', '0']], /^HTTP\/1\.1 200/],
  ] as const)('is left to the routes for %s', async (_, headers, status) => {
    const named = headers.some(([name]) => name === 'Host') ? [] : [['Host', 'shop.example'] as const];
    const { byRoutes, byBoth, ready } = await both(read([...named, ...headers]));
    expect(byBoth).toBe(byRoutes);
    expect(byBoth).toMatch(status);
    expect(ready).toBe(0);
  });

  test('has the same bytes whatever is asked', async () => {
    const header = fc.oneof(
      fc.constantFrom(
        ...(['"1-5"', 'W/"1-5"', '*', '"9"', ''] as const).map((tag) => ['If-None-Match', tag] as const),
        ...(['1', '0', ''] as const).map((value) => ['X-Fresh', value] as const),
        ['Origin', 'https://elsewhere.example'] as const,
        ['Accept', 'text/html'] as const,
        ['Cookie', 'wrote=1; session=abc'] as const,
        ['Authorization', 'Bearer nobody'] as const,
        ['Expect', '100-continue'] as const,
        ['Expect', 'more'] as const,
        ['Range', 'bytes=0-3'] as const,
        ['Content-Length', '0'] as const,
        ['X-Forwarded-Proto', 'https'] as const,
      ),
    );
    const host = fc.constantFrom(
      'shop.example',
      'SHOP.example',
      'shop.example:80',
      '[::1]:8080',
      '1.2.3.4.5',
      'a/b',
      'ü',
      '',
    );
    const target = fc.constantFrom('', '?', '?q=1', '/', '#here', '%20', '/photos', '/../');
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'DELETE');
    await fc.assert(
      fc.asyncProperty(
        method,
        target,
        host,
        fc.array(header, { maxLength: 3 }),
        async (verb, end, name, headers) => {
          const request = requestOf(verb, path + end, [['Host', name], ...headers]);
          const { byRoutes, byBoth } = await both(request);
          expect(byBoth).toBe(byRoutes);
        },
      ),
      { numRuns: 150 * ROUNDS, seed: SEED },
    );
  });

  test('is the one after a change', async () => {
    await both(read());
    await shop.ask('PATCH', path, { as: STAFF, body: { name: 'Tea mug' }, headers: { 'If-Match': '"1"' } });
    expect(await sent(fast, read())).toContain('"name":"Tea mug"');
  });
});

test('a shop that other origins may call answers by its routes alone', async () => {
  const { fastPath } = await openShop(sqlite, { allowedOrigins: ['https://app.example.com'] });
  expect(fastPath).toBeUndefined();
});
