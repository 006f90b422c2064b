import type { HttpBindings } from '@hono/node-server';
import { givesWroteCookie } from '../../../lambda/hosts/wrote-cookie';

interface Asked {
  readonly method?: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly value?: string;
  readonly session?: Record<string, string>;
}

const SESSION = { cookie: 'a=b; session=a-token' };

/** The cookies of the answer to such a request, and the client that they were made for. */
async function given({
  method = 'POST',
  status = 200,
  headers = {},
  value = 'signed',
  session = SESSION,
}: Asked) {
  const clients: string[] = [];
  const answer = new Response(null, { status, headers: { 'Set-Cookie': 'session=a' } });
  const fetch = givesWroteCookie(() => answer, {
    valueFor: (client) => {
      clients.push(client);
      return value || undefined;
    },
  });
  const request = new Request('http://shop.example/api/reservations', {
    method,
    headers: session ? { ...headers, ...session } : headers,
  });
  const bindings = {
    incoming: { headers, socket: { remoteAddress: '10.0.0.9' } },
  } as unknown as HttpBindings;
  const { headers: received } = await fetch(request, bindings);
  return { clients, cookies: received.getSetCookie() };
}

test.each([
  ['POST', 201],
  ['DELETE', 204],
  ['POST', 409],
  ['PATCH', 412],
  ['POST', 500],
  ['DELETE', 503],
])('is given for a %s that is answered %i: copies are old, or may be', async (method, status) => {
  expect((await given({ method, status })).cookies).toEqual([
    'session=a',
    'wrote=signed; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
  ]);
});

test.each([
  ['GET', 200],
  ['HEAD', 200],
  ['GET', 503],
  ['POST', 303],
  ['POST', 400],
  ['DELETE', 404],
])('is not given for a %s that is answered %i', async (method, status) => {
  expect((await given({ method, status })).cookies).toEqual(['session=a']);
});

test.each([
  ['DELETE', 204],
  ['POST', 409],
  ['POST', 503],
])(
  'is not given for a %s that is answered %i without a session: nothing was changed',
  async (method, status) => {
    const without: Record<string, string>[] = [
      {},
      { cookie: 'session=' },
      { cookie: 'notsession=a' },
      { authorization: 'Bearer x' },
    ];
    for (const session of without)
      expect((await given({ method, status, session })).cookies).toEqual(['session=a']);
  },
);

test.each<Record<string, string>>([
  { cookie: '__Host-session=a-token' },
  { authorization: 'Bearer a-token-of-a-session' },
])('is given to any form of a session: %p', async (session) => {
  expect((await given({ method: 'DELETE', status: 204, session })).cookies).toHaveLength(2);
});

test('is given to who logs in or joins, and so has no session yet', async () => {
  expect((await given({ status: 201, session: {} })).cookies).toHaveLength(2);
});

test('is not given while nothing can be signed', async () => {
  expect((await given({ value: '' })).cookies).toEqual(['session=a']);
});

test('stays on TLS where the shop is reached over it', async () => {
  const { cookies } = await given({ headers: { 'x-forwarded-proto': 'https' } });
  expect(cookies.at(-1)).toMatch(/; Secure$/);
});

test('is of the client that the proxies name, all addresses of one IPv6 network being one', async () => {
  const clientOf = async (forwarded: string) =>
    (await given({ headers: { 'x-forwarded-for': forwarded } })).clients;
  expect(await clientOf('6.6.6.6, 203.0.113.7')).toEqual(['203.0.113.7']);
  expect(await clientOf('2001:db8:1:2::1')).toEqual(await clientOf('2001:db8:1:2:ffff::9'));
});
