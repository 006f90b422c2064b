import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { createLog } from '../../../lambda/shared/log';
import { type ServeOptions, type Serving, serve } from '../../../lambda/shared/serve';
import { makeCertificate } from '../../../lib/compute/balancer/inside-certificate.steps';

const log = createLog({ write: () => undefined });
const POST = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';

describe.each(['http', 'https'])('a server behind a proxy that is told to stop, over %s', (scheme) => {
  let tls: ServeOptions['tls'];
  const servers: Serving[] = [];
  beforeAll(async () => {
    if (scheme === 'https') tls = await makeCertificate('app.shop.internal');
  });
  afterEach(() => Promise.all(servers.splice(0).map(({ stop }) => stop())));

  const start = async (options: Partial<ServeOptions> = {}): Promise<Serving> => {
    const fetch = async (incoming: Request) => {
      const body = await incoming.text();
      if (incoming.url.endsWith('/slow')) await sleep(700);
      return new Response(body);
    };
    const server = await serve({ log, port: 0, fetch, quietMs: 1000, tls, ...options });
    servers.push(server);
    return server;
  };

  /** A connection as a proxy holds one; `say` resolves to the next answer. */
  const held = async ({ port }: Serving) => {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
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

  test('answers what comes on a kept connection a moment later, and says that this was the last', async () => {
    const server = await start();
    const proxy = await held(server);
    expect(await proxy.say(POST)).toMatch(/connection: keep-alive/i);
    const stopped = server.stop();
    await sleep(300);
    const answer = await proxy.say(POST);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    await stopped;
  });

  test('refuses connections meanwhile', async () => {
    const server = await start();
    const proxy = await held(server);
    await proxy.say(POST);
    const stopped = server.stop();
    await sleep(50);
    await expect(held(server)).rejects.toThrow('ECONNREFUSED');
    await stopped;
  });

  test('is held up neither by who is silent, heard before or never, nor by who is slow for longer than needed', async () => {
    const server = await start({ quietMs: 100 });
    const [heard, unheard, slow] = await Promise.all([held(server), held(server), held(server)]);
    await heard.say(POST);
    const answer = slow.say(POST.replace('/things', '/slow'));
    await sleep(50);
    const stopped = server.stop();
    await Promise.all([heard.ended, unheard.ended]);
    expect(await answer).toMatch(/^HTTP\/1.1 200 /);
    await stopped;
  });

  test('fails no request of a proxy that goes on while servers take turns', async () => {
    let current = await start({ quietMs: 200 });
    const agents = new Map<number, Agent>();
    const answered: number[] = [];
    let over = false;
    const shopper = async () => {
      while (!over) {
        // Who is refused a connection goes to the next server; what was sent is never sent again.
        const status = await send(current.port).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ECONNREFUSED') throw error;
        });
        if (status) answered.push(status);
      }
    };
    const send = (port: number) => {
      const agent = agents.get(port) ?? agentOf();
      agents.set(port, agent);
      return post({ port, agent, host: '127.0.0.1', method: 'POST', path: '/things' });
    };
    const shoppers = Promise.all(Array.from({ length: 12 }, shopper)).finally(() => {
      over = true;
    });
    for (let round = 0; round < 8; round++) {
      const before = answered.length;
      while (!over && answered.length < before + 100) await sleep(1);
      const last = current;
      const next = await start({ quietMs: 200 });
      const stopped = last.stop();
      // A proxy that has not heard of it yet.
      await sleep(20);
      current = next;
      await stopped;
    }
    over = true;
    await shoppers;
    expect(answered.every((status) => status === 200)).toBe(true);
    for (const agent of agents.values()) agent.destroy();
  });

  const agentOf = () => {
    const kept = { keepAlive: true, maxSockets: 12 };
    return tls ? new TlsAgent(kept) : new Agent(kept);
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

test('waits for nobody on a machine of its own', async () => {
  const server = await serve({ log, port: 0, fetch: () => new Response('hello') });
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  await server.stop();
  socket.destroy();
});
