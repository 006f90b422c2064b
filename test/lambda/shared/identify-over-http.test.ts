import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identifyOverHttp, UsersUnavailableError } from '../../../lambda/shared/identify-over-http';

const TOKEN = 'a-session-token-of-somebody';
const ME = {
  id: 'user-1',
  email: 'a@b.example',
  name: 'A',
  role: 'staff',
  createdAt: '2026-03-01T12:00:00.000Z',
};

describe('who somebody is, asked of the user service', () => {
  let server: Server;
  let asked: string[] = [];
  let respond: RequestListener;

  beforeAll(async () => {
    server = createServer((incoming, outgoing) => {
      asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
      respond(incoming, outgoing);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = (status: number, body: unknown, headers = {}) => {
    respond = (_, outgoing) => outgoing.writeHead(status, headers).end(JSON.stringify(body));
    return identifyOverHttp(origin())(TOKEN);
  };

  test('is the user of the session, with the role', async () => {
    expect(await answer(200, ME)).toEqual({ userId: 'user-1', role: 'staff' });
    expect(asked).toEqual([`GET /api/users/me Bearer ${TOKEN}`]);
  });

  test('is nobody when the token is nobody’s', async () => {
    expect(await answer(401, { type: 'not-logged-in' })).toBeUndefined();
  });

  test.each([
    ['an error', () => answer(500, {})],
    ['an answer of another form', () => answer(200, { id: 'user-1', role: 'king' })],
    [
      'a redirect, which would carry the token elsewhere',
      () => answer(302, {}, { Location: 'http://127.0.0.1:9/' }),
    ],
    [
      'silence',
      () => {
        respond = () => {};
        return identifyOverHttp(origin(), { timeoutMs: 50 })(TOKEN);
      },
    ],
    ['no server', () => identifyOverHttp('http://127.0.0.1:1')(TOKEN)],
  ])('is not known, which is not nobody, after %s', async (_, ask) => {
    await expect(ask()).rejects.toBeInstanceOf(UsersUnavailableError);
  });
});
