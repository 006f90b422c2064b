import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, type RequestOptions, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { connect } from 'node:net';
import { setImmediate as afterLooking } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { type ServeOptions, type Serving, serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { makeCertificate } from '../../../../lib/compute/balancer/inside-certificate.steps';
import { cleanup } from '../../../support/cleanup';
import { ROUNDS } from '../../../support/rounds';
import { until } from '../../../support/until';

const log = createLog({ write: () => undefined });
/** Longer than any test: silence is waited for by none that does not say so. */
const LONG_MS = 20_000;
const POST = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';

describe.each(['http', 'https'])('a server behind a proxy that is told to stop, over %s', (scheme) => {
  let tls: ServeOptions['tls'];
  beforeAll(async () => {
    if (scheme === 'https') tls = await makeCertificate('app.shop.internal');
  });

  const start = async (options: Partial<ServeOptions> = {}): Promise<Serving> => {
    const fetch = async (incoming: Request) => new Response(await incoming.text());
    const server = await serve({ log, port: 0, fetch, quietMs: LONG_MS, tls, ...options });
    return { ...server, stop: cleanup(server.stop) };
  };

  /** A connection as a proxy holds one; `say` resolves to the next answer. */
  const held = async ({ port }: Serving) => {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    cleanup(() => socket.destroy());
    await once(socket, tls ? 'secureConnect' : 'connect');
    const ended = once(socket.resume(), 'close');
    return {
      socket,
      ended,
      say: async (text: string) => {
        socket.write(text);
        return String((await once(socket, 'data'))[0]);
      },
    };
  };

  /** Resolves when a server takes no new connection. */
  const closed = (server: Serving) =>
    until(() =>
      held(server).then(
        ({ socket }) => void socket.destroy(),
        ({ code }) => code === 'ECONNREFUSED',
      ),
    );

  test('answers what comes on a kept connection when it takes no other, and says that this was the last', async () => {
    const server = await start();
    const proxy = await held(server);
    expect(await proxy.say(POST)).toMatch(/connection: keep-alive/i);
    const stopped = server.stop();
    await closed(server);
    const answer = await proxy.say(POST);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    await stopped;
  });

  test('is delayed neither by silent connections, used or unused, nor longer than needed by slow ones', async () => {
    let asked = false;
    let answered = false;
    const fetch = async (incoming: Request) => {
      if (incoming.url.endsWith('/slow')) {
        asked = true;
        await until(() => answered);
      }
      return new Response(await incoming.text());
    };
    const server = await start({ fetch, quietMs: 100 });
    const [heard, unheard, slow] = await Promise.all([held(server), held(server), held(server)]);
    await heard.say(POST);
    const answer = slow.say(POST.replace('/things', '/slow'));
    await until(() => asked);
    const stopped = server.stop();
    await Promise.all([heard.ended, unheard.ended]);
    answered = true;
    expect(await answer).toMatch(/^HTTP\/1.1 200 /);
    await stopped;
  });

  test('fails no request of a proxy that goes on while servers take turns', async () => {
    let current = await start();
    const agents = new Map<number, Agent>();
    const underWay = new Map<number, number>();
    const answered: number[] = [];
    let refused = 0;
    let over = false;
    const shopper = async () => {
      while (!over) {
        // A client that is refused a connection goes to the next server; it never sends a request twice.
        const status = await send(current.port).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ECONNREFUSED') throw error;
          refused++;
        });
        if (status) answered.push(status);
      }
    };
    const send = async (port: number) => {
      const agent = agents.get(port) ?? agentOf();
      agents.set(port, agent);
      underWay.set(port, (underWay.get(port) ?? 0) + 1);
      try {
        return await post({ port, agent, host: '127.0.0.1', method: 'POST', path: '/things' });
      } finally {
        underWay.set(port, (underWay.get(port) ?? 0) - 1);
      }
    };
    const shoppers = Promise.all(Array.from({ length: 12 }, shopper)).finally(() => {
      over = true;
    });
    shoppers.catch(() => undefined);
    try {
      for (let round = 0; round < 4 * (1 + ROUNDS); round++) {
        const before = answered.length;
        await until(() => over || answered.length >= before + 100);
        const last = current;
        const next = await start();
        const stopped = last.stop();
        // The proxy has not heard of it yet.
        const known = refused;
        await until(() => over || refused > known);
        current = next;
        await until(() => over || underWay.get(last.port) === 0);
        agents.get(last.port)?.destroy();
        await stopped;
      }
    } finally {
      over = true;
      await shoppers;
    }
    expect(answered.every((status) => status === 200)).toBe(true);
  });

  const agentOf = () => {
    const kept = { keepAlive: true, maxSockets: 12 };
    const agent = tls ? new TlsAgent(kept) : new Agent(kept);
    cleanup(() => agent.destroy());
    return agent;
  };

  const post = (options: RequestOptions) =>
    new Promise<number | undefined>((resolve, reject) => {
      const outgoing = tls ? requestTls({ ...options, rejectUnauthorized: false }) : request(options);
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        incoming.resume().once('error', reject);
        incoming.once('end', () => resolve(incoming.statusCode));
      });
      outgoing.end('{"a":1}');
    });
});

test.each([
  ['between two looks for events', () => afterLooking()],
  ['when an event is dealt with, as a signal is', () => readFile(__filename)],
])('answers who connected before it was told to stop %s', async (_, moment) => {
  const fetch = () => new Response('hello');
  const server = await serve({ log, port: 0, fetch, quietMs: LONG_MS });
  cleanup(server.stop);
  await moment();
  // The kernel completes connections of which the event loop has not heard yet.
  const sockets = Array.from({ length: 5 }, () => connect(server.port, '127.0.0.1'));
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((done) => process.nextTick(done));
  const stopped = server.stop();
  const answers = sockets.map(async (socket) => {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    return String((await once(socket, 'data'))[0]).split('\r\n')[0];
  });
  expect(await Promise.all(answers)).toEqual(Array(5).fill('HTTP/1.1 200 OK'));
  await stopped;
});

test('does not wait without a proxy', async () => {
  const server = await serve({ log, port: 0, fetch: () => new Response('hello') });
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  await server.stop();
  socket.destroy();
});
