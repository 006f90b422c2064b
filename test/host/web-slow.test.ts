import { connect, type TLSSocket } from 'node:tls';
import { eventually, until } from '../support/until';
import { describeWith } from './support';
import { WebTier } from './web-tier';

describeWith('nginx', 'openssl')('nginx among the slow', () => {
  let tier: WebTier;
  const sockets: TLSSocket[] = [];

  beforeAll(async () => {
    tier = await WebTier.start({ read: 2, write: 1 });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    tier.reset();
  });

  const open = async (): Promise<TLSSocket> => {
    const socket = connect({ port: tier.port, host: '127.0.0.1', rejectUnauthorized: false });
    sockets.push(socket);
    await new Promise((done, failed) => socket.once('secureConnect', done).once('error', failed));
    return socket;
  };

  it('sends few requests to a server that is slow', async () => {
    const [slow, quick] = tier.read;
    if (slow) {
      slow.handler = async ({ url }, answer) => {
        await until(() => (quick?.seen.length ?? 0) >= 200);
        answer.end(url);
      };
    }
    const shopper = async () => {
      for (let i = 0; i < 40; i++) await tier.ask('GET', '/api/orders');
    };
    await Promise.all(Array.from({ length: 6 }, shopper));
    const share = (slow?.seen.length ?? 0) / 240;
    // A fair turn for each would be a half.
    expect(share).toBeLessThan(0.25);
    expect(quick?.seen.length).toBeGreaterThan(150);
  });

  it('keeps slow clients from occupying the application', async () => {
    const body = '{"items":[]}';
    const slow = await Promise.all(Array.from({ length: 150 }, open));
    // One client each, since the test is about all of them, not about the limit of one.
    slow.forEach((socket, i) => {
      socket.write(
        `POST /api/slow HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 198.18.0.${i}\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
    });
    for (const character of body.slice(0, -1)) {
      for (const socket of slow) socket.write(character);
      await tier.ask('POST', '/api/orders', {}, '{}');
    }
    expect(tier.count('/api/orders')).toBe(body.length - 1);
    expect(tier.count('/api/slow')).toBe(0);
    expect(new Set(tier.write[0]?.seen.map(({ connection }) => connection)).size).toBeLessThan(5);
    // Not all at once, since nginx refuses what has no room.
    for (const done of [75, 150]) {
      for (const socket of slow.slice(done - 75, done)) socket.write(body.slice(-1));
      await eventually(async () => expect(tier.count('/api/slow')).toBe(done));
    }
    expect(new Set(tier.write[0]?.seen.map((seen) => seen.body))).toEqual(new Set([body, '{}']));
  });

  it('takes a large answer from the application at once, however slowly it is read', async () => {
    const large = 'x'.repeat(20_000_000);
    let taken = 0;
    for (const app of tier.read) {
      app.handler = (_, answer) => {
        answer.once('finish', () => {
          taken += 1;
        });
        answer.end(large);
      };
    }
    const slow = await Promise.all(Array.from({ length: 5 }, open));
    for (const socket of slow) {
      socket.pause();
      socket.write('GET /api/orders HTTP/1.1\r\nHost: shop\r\n\r\n');
    }
    await eventually(async () => expect(taken).toBe(5));
    // The clients have not read yet, and the kernel's buffers are full.
    for (const socket of slow) expect(socket.bytesRead).toBeLessThan(large.length / 2);
  });
});
