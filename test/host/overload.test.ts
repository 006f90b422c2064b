import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { cleanup, cleanupServer } from '../support/cleanup';
import { eventually, until } from '../support/until';
import { startBoxNginx } from './box-nginx';
import { HeldAnswers } from './held-answers';
import { expectOverloaded } from './refusals';
import { Box, describeWith, freePorts } from './support';

/** Of each of the two workers that the box has; one here. */
const ROOM = { read: 64, write: 128, critical: 256 } as const;

describeWith('nginx', 'openssl')('nginx on the box, whose application is full', () => {
  const box = new Box();
  cleanup(() => box.remove());
  const held = new HeldAnswers();
  let isHeld: (path: string) => boolean = () => false;
  let https = 0;

  beforeAll(async () => {
    const [http = 0, app = 0, free = 0] = await freePorts(3);
    https = free;
    const server = createServer((incoming, outgoing) => {
      incoming.resume().once('end', () => {
        if (isHeld(incoming.url ?? '')) held.hold(incoming, outgoing);
        else outgoing.end(incoming.url);
      });
    });
    cleanupServer(server);
    await new Promise<void>((done) => server.listen(app, '127.0.0.1', done));
    startBoxNginx(box, { http, https, app, workers: 1 }, 'shop.example');
    await eventually(() => ask('GET', '/healthz'));
  });

  /** Each from another address, since an address has a limit of its own. */
  let customers = 0;
  const ask = async (method: string, path: string, body = '') => {
    const localAddress = `127.1.${++customers >> 8}.${customers & 255}`;
    const to = {
      host: '127.0.0.1',
      port: https,
      localAddress,
      rejectUnauthorized: false,
      agent: false as const,
    };
    const headers = { 'Content-Length': Buffer.byteLength(body) };
    const asked = request({ ...to, method, path, headers }).end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
  };

  it.each([
    ['read', 'GET', '/api/products'],
    ['read', 'GET', '/media/photos/1/640.webp'],
    ['write', 'POST', '/api/orders'],
    ['write', 'POST', '/api/sessions'],
    ['critical', 'POST', '/api/reservations/1/confirm'],
    ['critical', 'POST', '/api/reservations/1/release'],
  ] as const)('refuses only what has no room (%s): %s %s', async (pool, method, path) => {
    const room = ROOM[pool];
    isHeld = (asked) => asked === path;
    let refused = 0;
    const all = Array.from({ length: room + 20 }, async () => {
      const answer = await ask(method, path);
      if (answer.status === 200) return;
      expectOverloaded(answer);
      refused += 1;
    });
    await until(() => refused === 20 && held.count === room);
    for (const [other, asking] of [
      ['read', 'GET /api/categories'],
      ['write', 'PUT /api/products/1'],
      ['critical', 'POST /api/reservations/2/confirm'],
    ] as const) {
      const [verb = '', its = ''] = asking.split(' ');
      if (other !== pool) expect(await ask(verb, its)).toMatchObject({ status: 200 });
    }
    expect(await ask('GET', '/healthz')).toMatchObject({ status: 200 });
    expect(await ask('PUT', '/blobs/uploads/1', 'photo')).toMatchObject({ status: 200 });
    held.release();
    await Promise.all(all);
    isHeld = () => false;
    expect(await ask(method, path)).toMatchObject({ status: 200 });
  });
});
