import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../../../lambda/shared/log';
import { seenOverHttp } from '../../../lambda/users/seen-over-http';
import type { Session } from '../../../lambda/users/session-store';
import { makeCertificate } from '../../../lib/compute/balancer/inside-certificate.steps';

const TOKEN = 'a-token-of-a-session';
const lines: string[] = [];
const log = createLog({ write: (line: string) => void lines.push(line) });
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
    asked.push(`${method} ${url} ${headers.authorization}`);
    if (!hangs) outgoing.writeHead(status).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authority: certificate,
    asked,
    hang: () => {
      hangs = true;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

beforeEach(() => {
  lines.length = 0;
});

test('asks the writer in the name of the session, which it knows by its certificate', async () => {
  const { url, authority, asked, close } = await writer();
  await seenOverHttp({ url, authority, log })(session('one'), TOKEN, 1);
  while (asked.length === 0) await sleep(5);
  expect(asked).toEqual([`POST /api/sessions/current/seen Bearer ${TOKEN}`]);
  close();
});

test('tells nobody who has another certificate, or another name in it', async () => {
  const [other, misnamed] = [await writer(), await writer('other.example')];
  await seenOverHttp({ url: other.url, authority: misnamed.authority, log })(session('one'), TOKEN, 1);
  await seenOverHttp({ url: misnamed.url, authority: misnamed.authority, log })(session('one'), TOKEN, 1);
  while (lines.length < 2) await sleep(5);
  expect([other.asked, misnamed.asked]).toEqual([[], []]);
  expect(lines.join()).not.toContain(TOKEN);
  other.close();
  misnamed.close();
});

test('tells the same once, and again when something new is seen', async () => {
  const { url, authority, asked, close } = await writer();
  const seen = seenOverHttp({ url, authority, log });
  await Promise.all(Array.from({ length: 50 }, () => seen(session('one'), TOKEN, 1)));
  await seen(session('two'), TOKEN, 1);
  while (asked.length < 2) await sleep(5);
  await seen(session('one', 3_600_000), TOKEN, 1);
  while (asked.length < 3) await sleep(5);
  await sleep(50);
  expect(asked).toHaveLength(3);
  close();
});

test('tries again later what failed', async () => {
  const { url, authority, asked, close } = await writer('app.shop.internal', 503);
  const seen = seenOverHttp({ url, authority, log, againAfterMs: 100 });
  await seen(session('one'), TOKEN, 1);
  while (lines.length === 0) await sleep(5);
  await seen(session('one'), TOKEN, 1);
  expect(asked).toHaveLength(1);
  while (asked.length < 2) {
    await sleep(20);
    await seen(session('one'), TOKEN, 1);
  }
  close();
});

test('lets nobody wait for a writer that hangs, gives up on it, and asks it for a few at once', async () => {
  const { url, authority, asked, hang, close } = await writer();
  hang();
  const seen = seenOverHttp({ url, authority, log });
  for (let n = 0; n < 100; n++) await seen(session(`session-${n}`), TOKEN, 1);
  expect(asked).toEqual([]);
  while (lines.length < 8) await sleep(10);
  expect(asked).toHaveLength(8);
  close();
});
