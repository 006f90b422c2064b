import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { insideName } from '../../lib/compute/balancer/inside-certificate.steps';
import { cleanup } from '../support/cleanup';
import { eventually } from '../support/until';
import { certificateFor, describeWith } from './support';
import { type AppServer, WebTier } from './web-tier';

const UNSAFE = ['POST', 'PUT', 'PATCH', 'DELETE'] as const;

describeWith('nginx', 'openssl')('what nginx asks the application again', () => {
  let tier: WebTier;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 4, write: 4 });
  });
  beforeEach(() => tier.reset());

  /** Reads the request whole and ends the connection without an answer. */
  const cut: AppServer['handler'] = (_, answer) => void answer.socket?.destroy();
  const refuse: AppServer['handler'] = (_, answer) => void answer.writeHead(502).end();

  it('a read whose server dies in the middle: at another, three in all', async () => {
    const [first, ...others] = tier.read;
    for (const app of others) app.handler = cut;
    for (let i = 0; i < 8; i++) await tier.ask('GET', '/api/orders');
    expect(first?.seen.length).toBeGreaterThan(0);
    expect(tier.count('/api/orders')).toBeGreaterThan(8);
    for (const app of tier.read) app.handler = cut;
    // One that ends on a kept connection is not counted: nginx takes it for a connection that was old. So none is kept.
    for (let i = 0; i < 8; i++) await tier.ask('GET', '/api/kept');
    expect(await tier.ask('GET', '/api/orders/all')).toMatchObject({ status: 502 });
    expect(tier.count('/api/orders/all')).toBe(3);
  });

  it.each([502, 504])('a read that the balancer answers with %i', async (status) => {
    for (const app of tier.read.slice(0, 2)) {
      app.handler = (_, answer) => void answer.writeHead(status).end();
    }
    for (let i = 0; i < 20; i++) expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 200 });
    expect(tier.count('/api/orders')).toBeGreaterThan(20);
  });

  it('never a read that the application itself puts off', async () => {
    for (const app of tier.read) app.handler = (_, answer) => void answer.writeHead(503).end();
    expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 503 });
    expect(tier.count('/api/orders')).toBe(1);
  });

  it('a read that hangs, once, at another', async () => {
    let hung = 0;
    for (const app of tier.read) {
      app.handler = ({ url }, answer) => {
        if (hung === 0) hung += 1;
        else answer.end(url);
      };
    }
    expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 200 });
    expect(tier.count('/api/orders')).toBe(2);
  });

  it.each(UNSAFE)(
    'never a %s that was sent: the connection cut, or 502 from the balancer',
    async (method) => {
      for (const [i, handler] of [cut, refuse].entries()) {
        for (const app of tier.write) app.handler = handler;
        expect(await tier.ask(method, `/api/orders/${i}`, {}, '{}')).toMatchObject({ status: 502 });
        expect(tier.count(`/api/orders/${i}`)).toBe(1);
      }
    },
  );

  it.each(UNSAFE)('never a %s whose kept connection ends at that moment', async (method) => {
    // As many connections as can be kept: one a request at once.
    for (const app of tier.write) app.handler = async (_, answer) => void setTimeout(() => answer.end(), 100);
    await Promise.all(Array.from({ length: 16 }, () => tier.ask('POST', '/api/warm')));
    const warm = new Set(tier.write.flatMap(({ seen }) => seen.map(({ connection }) => connection)));
    for (const app of tier.write) app.handler = cut;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => tier.ask(method, `/api/orders/${i}`, {}, '{}')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 502));
    const came = tier.write.flatMap(({ seen }) => seen).filter(({ url }) => url.startsWith('/api/orders/'));
    expect(came.length).toBe(8);
    expect(came.some(({ connection }) => warm.has(connection))).toBe(true);
  });
});

describeWith('nginx', 'openssl')('servers that do not take a connection', () => {
  let tier: WebTier;

  beforeEach(async () => {
    tier = await WebTier.start({ read: 2, write: 2 });
  });
  afterEach(() => tier.stop());

  it.each(['GET', 'POST', 'PATCH'])('are passed over by every %s', async (method) => {
    await Promise.all([tier.read[0]?.stop(), tier.write[0]?.stop()]);
    for (let i = 0; i < 20; i++) {
      expect(await tier.ask(method, `/api/orders/${i}`)).toMatchObject({ status: 200 });
      expect(tier.count(`/api/orders/${i}`)).toBe(1);
    }
  });

  it('are passed over when they are not the application, whatever name they claim', async () => {
    const [read, write] = [tier.read[0], tier.write[0]];
    await Promise.all([read?.stop(), write?.stop()]);
    await Promise.all([read?.listen(certificateFor(insideName)), write?.listen(certificateFor(insideName))]);
    for (let i = 0; i < 10; i++) {
      for (const method of ['GET', 'POST']) {
        expect(await tier.ask(method, '/api/orders')).toMatchObject({ status: 200 });
      }
    }
    expect([read?.seen, write?.seen]).toEqual([[], []]);
  });

  it('hold up few of many requests when they are a black hole', async () => {
    const gone = tier.read[0];
    await gone?.stop();
    await dig(gone?.port ?? 0);
    const shopper = async () => {
      for (let i = 0; i < 50; i++)
        expect(await tier.ask('GET', '/api/orders')).toMatchObject({ status: 200 });
    };
    await Promise.all([1, 2, 3, 4].map(shopper));
    const waited = tier.host
      .read('var/log/nginx/access.log')
      .split('\n')
      .filter((line) => line.includes('"upstreamStatus":"504, 200"'));
    // Each attempt counts as a connection for a second, in which least_conn prefers the server that answers.
    expect(waited.length).toBeGreaterThan(0);
    // Taken in turn, a third of them would wait: 67.
    expect(waited.length).toBeLessThan(60);
  });

  it('lead to a problem at once when there is no other', async () => {
    await Promise.all(tier.apps.map((app) => app.stop()));
    for (const method of ['GET', ...UNSAFE]) {
      expect(await tier.ask(method, '/api/orders')).toMatchObject({
        status: 502,
        headers: { 'content-type': 'application/problem+json', 'retry-after': '5' },
      });
    }
    await Promise.all(tier.apps.map((app) => app.listen(tier.pair)));
    expect(await eventually(() => tier.ask('DELETE', '/api/orders'))).toMatchObject({ status: 200 });
  });
});

/**
 * Makes a port a black hole, whose connections are neither accepted nor refused: its queue is full and no process
 * accepts from it.
 */
async function dig(port: number): Promise<void> {
  const program = `require('node:net').createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 },
    () => { require('node:fs').writeSync(1, 'up'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })`;
  const child: ChildProcess = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const sockets: Socket[] = [];
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
  });
  if (child.stdout) await once(child.stdout, 'data');
  for (let taken = true; taken; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    taken = await new Promise((done) => {
      socket.once('connect', () => done(true));
      setTimeout(() => done(false), 300);
    });
  }
}
