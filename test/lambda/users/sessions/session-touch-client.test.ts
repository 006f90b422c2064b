import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createLog, type Logger } from '../../../../lambda/shared/runtime/log';
import { inTrace } from '../../../../lambda/shared/runtime/trace';
import type { Session } from '../../../../lambda/users/sessions/session';
import { sessionTouchClient } from '../../../../lambda/users/sessions/session-touch-client';
import { makeCertificate } from '../../../../lib/compute/balancer/inside-certificate.steps';
import { cleanupServer } from '../../../support/cleanup';
import { until } from '../../../support/until';

const TOKEN = 'a-token-of-a-session';
let lines: string[];
let log: Logger;
const session = (id: string, lastSeenAt = 0): Session => ({
  ...{ id, lastSeenAt, userId: 'somebody', userAgent: null },
  ...{ createdAt: 0, expiresAt: 1 },
});

/** Answers as a write server does, under the name that is in no name server. */
async function writer(name = 'app.shop.internal', status = 204) {
  const { certificate, key } = await makeCertificate(name);
  const asked: string[] = [];
  let hangs = false;
  const server = createServer({ cert: certificate, key }, ({ method, url, headers }, outgoing) => {
    asked.push(`${method} ${url} ${headers.authorization} ${headers['x-request-id']}`);
    if (!hangs) outgoing.writeHead(status).end();
  });
  cleanupServer(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: certificate,
    asked,
    hang: () => {
      hangs = true;
    },
  };
}

// Of the test's own: a report of the one before it may still be under way.
beforeEach(() => {
  const own: string[] = [];
  lines = own;
  log = createLog({ write: (line: string) => void own.push(line) });
});

test('calls the writer with the token of the session, and verifies its certificate', async () => {
  const { url, authority, asked } = await writer();
  await sessionTouchClient({ url, authority, log })(session('one'), TOKEN, 1);
  await until(() => asked.length > 0);
  expect(asked).toEqual([`POST /api/sessions/current/seen Bearer ${TOKEN} undefined`]);
});

test('tells the writer which request it belongs to', async () => {
  const { url, authority, asked } = await writer();
  const trace = { requestId: 'request-1', traceId: 'a'.repeat(32), sampled: true, startedAt: 0, spans: [] };
  await inTrace(trace, () => sessionTouchClient({ url, authority, log })(session('one'), TOKEN, 1));
  await until(() => asked.length > 0);
  expect(asked).toEqual([`POST /api/sessions/current/seen Bearer ${TOKEN} request-1`]);
});

test('reports nothing to a server with another certificate, or another name in it', async () => {
  const [other, misnamed] = [await writer(), await writer('other.example')];
  await sessionTouchClient({ url: other.url, authority: misnamed.authority, log })(session('one'), TOKEN, 1);
  await sessionTouchClient({ url: misnamed.url, authority: misnamed.authority, log })(
    session('one'),
    TOKEN,
    1,
  );
  await until(() => lines.length >= 2);
  expect([other.asked, misnamed.asked]).toEqual([[], []]);
  expect(lines.join()).not.toContain(TOKEN);
});

test('reports the same use once, and a new one again', async () => {
  const { url, authority, asked } = await writer();
  const seen = sessionTouchClient({ url, authority, log });
  await Promise.all(Array.from({ length: 50 }, () => seen(session('one'), TOKEN, 1)));
  await seen(session('two'), TOKEN, 1);
  await until(() => asked.length >= 2);
  await seen(session('one', 3_600_000), TOKEN, 1);
  await seen(session('three'), TOKEN, 1);
  await until(() => asked.length >= 4);
  expect(asked).toHaveLength(4);
});

test('retries a failed report later', async () => {
  const { url, authority, asked } = await writer('app.shop.internal', 503);
  const began = performance.now();
  const clock = jest.spyOn(performance, 'now').mockReturnValue(began);
  const seen = sessionTouchClient({ url, authority, log });
  await seen(session('one'), TOKEN, 1);
  await until(() => lines.length > 0);
  await seen(session('one'), TOKEN, 1);
  await seen(session('two'), TOKEN, 1);
  await until(() => asked.length >= 2);
  expect(asked).toHaveLength(2);
  clock.mockReturnValue(began + 29_999);
  await seen(session('one'), TOKEN, 1);
  await seen(session('three'), TOKEN, 1);
  await until(() => asked.length >= 3);
  expect(asked).toHaveLength(3);
  clock.mockReturnValue(began + 30_001);
  await until(async () => {
    await seen(session('one'), TOKEN, 1);
    return asked.length >= 4;
  });
  clock.mockRestore();
});

test('reports the sessions of all shoppers, one after the other', async () => {
  const { url, authority, asked } = await writer();
  const seen = sessionTouchClient({ url, authority, log });
  for (let n = 1; n <= 20; n++)
    await until(async () => {
      await seen(session(`session-${n}`), TOKEN, 1);
      return asked.length >= n;
    });
  expect(asked).toHaveLength(20);
});

test('delays no request for a writer that hangs, gives up on it, and sends it few reports at once', async () => {
  const { url, authority, asked, hang } = await writer();
  hang();
  const seen = sessionTouchClient({ url, authority, log });
  for (let n = 0; n < 100; n++) await seen(session(`session-${n}`), TOKEN, 1);
  expect(asked).toEqual([]);
  await until(() => lines.length >= 8);
  expect(lines).toHaveLength(8);
  expect(asked.length).toBeLessThanOrEqual(8);
});
