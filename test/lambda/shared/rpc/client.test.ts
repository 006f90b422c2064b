import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../../../lambda/shared/http/serve';
import { ServiceUnavailableError } from '../../../../lambda/shared/rpc/errors';
import { createRpcServer } from '../../../../lambda/shared/rpc/server';
import { remainingMs, withDeadline } from '../../../../lambda/shared/runtime/deadline';
import { inTrace, parentOf, type Trace } from '../../../../lambda/shared/runtime/trace';
import { urgently } from '../../../../lambda/shared/runtime/urgently';
import { makeCertificate } from '../../../../lib/compute/balancer/inside-certificate.steps';
import { cleanup, cleanupServer } from '../../../support/cleanup';
import { eventually } from '../../../support/until';
import { answering, calling, contract, served, silent } from './calls';

const hello = { text: 'hello' };

describe('a call', () => {
  test('reaches the method, and comes back with its result', async () => {
    expect(await calling(await served()).look(hello)).toEqual(hello);
  });

  test('trusts the one certificate, by the name of the servers', async () => {
    const [ours, other] = await Promise.all([
      makeCertificate('app.shop.internal'),
      makeCertificate('elsewhere'),
    ]);
    const fetch = createRpcServer(
      contract,
      { look: async (input) => input, pay: async (input) => input },
      {
        ...{ role: 'all', log: silent },
      },
    );
    const { port, stop } = await serve({ fetch, log: silent, port: 0, tls: ours });
    cleanup(stop);
    const origin = `https://127.0.0.1:${port}`;
    expect(await calling(origin, ours.certificate).look(hello)).toEqual(hello);
    await expect(calling(origin, other.certificate).look(hello)).rejects.toThrow(ServiceUnavailableError);
    await expect(calling(origin).look(hello)).rejects.toThrow(ServiceUnavailableError);
  });

  test('shares connections with the calls before it', async () => {
    const ports = new Set<number | undefined>();
    const url = await answering((incoming, outgoing) => {
      ports.add(incoming.socket.remotePort);
      incoming.resume();
      outgoing.end(JSON.stringify(hello));
    });
    const { look } = calling(url);
    for (let n = 0; n < 20; n++) await look(hello);
    expect(ports.size).toBe(1);
  });

  test('belongs to the trace of its cause, and is a span of it', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    let headers: IncomingHttpHeaders = {};
    const url = await answering((incoming, outgoing) => {
      headers = incoming.headers;
      incoming.resume();
      outgoing.end(JSON.stringify(hello));
    });
    const trace: Trace = {
      ...{ requestId: 'abc-12345678', traceId, sampled: true, startedAt: performance.now() },
      spans: [],
    };
    await inTrace(trace, () => calling(url).look(hello));
    expect(headers['x-request-id']).toBe('abc-12345678');
    expect(parentOf(headers.traceparent)).toEqual({ traceId, sampled: true });
    expect(trace.spans.map(({ name }) => name)).toEqual([expect.stringMatching(/^\w+ look$/)]);
  });

  test('says that its cause is urgent', async () => {
    const paths: (string | undefined)[] = [];
    const url = await answering(({ url: path }, outgoing) => {
      paths.push(path);
      outgoing.end(JSON.stringify(hello));
    });
    const { look } = calling(url);
    await look(hello);
    await urgently(() => look(hello));
    expect(paths).toEqual(['/rpc/inventory.look', '/rpc/inventory.look?urgent']);
  });

  test('has an answer of nearly a megabyte', async () => {
    const text = 'a'.repeat(1024 * 1024 - 100);
    const url = await answering((_, outgoing) => outgoing.end(JSON.stringify({ text })));
    expect((await calling(url).look(hello)).text).toHaveLength(text.length);
  });

  test('ignores what a later release adds to an answer', async () => {
    const url = await answering((_, outgoing) => outgoing.end(JSON.stringify({ ...hello, more: 1 })));
    expect(await calling(url).look(hello)).toEqual(hello);
  });

  test.each([
    ['an answer of another form', 200, '{"text":1}'],
    ['no JSON', 200, '<html>'],
    ['an error', 500, '{}'],
    ['a redirect', 302, ''],
    ['more than a megabyte', 200, JSON.stringify({ text: 'a'.repeat(1024 * 1024) })],
  ])('is not answered by %s', async (_, status, body) => {
    const url = await answering((__, outgoing) => outgoing.writeHead(status).end(body));
    await expect(calling(url).look(hello)).rejects.toThrow(ServiceUnavailableError);
  });
});

describe('a deadline', () => {
  test('shrinks on the way, and binds whatever the method does', async () => {
    const left: number[] = [];
    const url = await served({
      look: async (input) => {
        left.push(remainingMs());
        return input;
      },
    });
    const { look } = calling(url);
    await look(hello);
    await withDeadline(300, () => look(hello));
    const [alone = 0, within = 0] = left;
    expect(alone).toBeLessThanOrEqual(1000);
    // A part of the time is kept for a second attempt.
    expect(within).toBeLessThanOrEqual(0.4 * 300);
    expect(within).toBeGreaterThan(0);
  });

  test('that is past asks nobody', async () => {
    let asked = 0;
    const url = await answering(() => {
      asked += 1;
    });
    await expect(withDeadline(0, () => calling(url).look(hello))).rejects.toThrow(/no time left/);
    expect(asked).toBe(0);
  });

  test('ends a call that is not answered, after both attempts', async () => {
    let asked = 0;
    const url = await answering(() => {
      asked += 1;
    });
    const started = performance.now();
    await expect(withDeadline(900, () => calling(url).look(hello))).rejects.toThrow(ServiceUnavailableError);
    expect(performance.now() - started).toBeGreaterThan(850);
    expect(asked).toBe(2);
  });
});

describe('a second attempt', () => {
  /** Hangs up on the first call, and answers the second one. */
  const hangingUpOnce = async () => {
    let asked = 0;
    const url = await answering((incoming, outgoing) => {
      asked += 1;
      if (asked === 1) incoming.socket.destroy();
      else outgoing.end(JSON.stringify(hello));
    });
    return { url, asked: () => asked };
  };

  test('is made for a method that may be repeated', async () => {
    const { url, asked } = await hangingUpOnce();
    expect(await calling(url).look(hello)).toEqual(hello);
    expect(asked()).toBe(2);
  });

  test('is not made for any other once it was sent', async () => {
    const { url, asked } = await hangingUpOnce();
    await expect(calling(url).pay(hello)).rejects.toThrow(ServiceUnavailableError);
    expect(asked()).toBe(1);
  });

  test('is made for any method that cannot have been sent', async () => {
    const tls = await makeCertificate('app.shop.internal');
    let connections = 0;
    const app = createTlsServer({ cert: tls.certificate, key: tls.key }, (_, outgoing) =>
      outgoing.end(JSON.stringify(hello)),
    );
    cleanupServer(app);
    const door = createServer((socket) => {
      connections += 1;
      if (connections === 1) socket.destroy();
      else app.emit('connection', socket);
    }).listen(0, '127.0.0.1');
    cleanup(() => door.close());
    await once(door, 'listening');
    const url = `https://127.0.0.1:${(door.address() as AddressInfo).port}`;
    expect(await calling(url, tls.certificate).pay(hello)).toEqual(hello);
    expect(connections).toBe(2);
  });

  test('finds time when the first process is frozen', async () => {
    let asked = 0;
    const url = await answering((_, outgoing) => {
      asked += 1;
      if (asked === 2) outgoing.end(JSON.stringify(hello));
    });
    expect(await calling(url).look(hello)).toEqual(hello);
  });

  test.each([502, 504])('is made when the balancer says %i, if the call may be repeated', async (status) => {
    let asked = 0;
    const url = await answering((_, outgoing) => {
      asked += 1;
      if (asked === 1) outgoing.writeHead(status).end();
      else outgoing.end(JSON.stringify(hello));
    });
    expect(await calling(url).look(hello)).toEqual(hello);
    asked = 0;
    await expect(calling(url).pay(hello)).rejects.toThrow(`status ${status}`);
    expect(asked).toBe(1);
  });

  test('is made ten times in a row, and then for a tenth of the calls: an outage does not become twice the load', async () => {
    const known = new Set<string>();
    const url = await answering((incoming, outgoing) => {
      incoming.setEncoding('utf8');
      incoming.once('data', (body: string) => {
        if (known.has(body)) outgoing.end(JSON.stringify(hello));
        else incoming.socket.destroy();
        known.add(body);
      });
    });
    const { look } = calling(url);
    const answers: boolean[] = [];
    for (let n = 0; n < 30; n++) {
      answers.push(
        await look({ text: `${n}` }).then(
          () => true,
          () => false,
        ),
      );
      // So that the circuit stays closed.
      known.add(JSON.stringify(hello));
      await look(hello);
    }
    expect(answers.slice(0, 10)).toEqual(Array(10).fill(true));
    // Sixty calls earn six.
    expect(answers.filter(Boolean).length).toBeLessThanOrEqual(16);
  });

  test('is not made after a refusal', async () => {
    let asked = 0;
    const url = await answering((_, outgoing) => {
      asked += 1;
      outgoing.writeHead(503, { 'Retry-After': '3' }).end();
    });
    await expect(calling(url).look(hello)).rejects.toThrow(ServiceUnavailableError);
    expect(asked).toBe(1);
  });
});

describe('the circuit', () => {
  test('opens when nobody answers, spares callers the wait, and closes by a probe', async () => {
    let [asked, frozen] = [0, true];
    const url = await answering((_, outgoing) => {
      asked += 1;
      if (!frozen) outgoing.end(JSON.stringify(hello));
    });
    const { look } = calling(url);
    const shortly = () => withDeadline(50, () => look(hello));
    for (let n = 0; n < 5; n++) await expect(shortly()).rejects.toThrow(ServiceUnavailableError);
    const before = asked;
    for (let n = 0; n < 10; n++) await expect(look(hello)).rejects.toThrow(/did not answer the last calls/);
    expect(asked).toBe(before);
    frozen = false;
    const since = performance.now();
    expect(await eventually(() => look(hello))).toEqual(hello);
    await sleep(0);
    // One, and one more for each second in which a busy machine answered it late.
    expect(asked - before).toBeLessThanOrEqual(1 + Math.floor((performance.now() - since) / 1000));
  });

  test('stays closed while a service answers, be it by refusals', async () => {
    let asked = 0;
    const url = await answering((_, outgoing) => {
      asked += 1;
      outgoing.writeHead(503).end();
    });
    const { look } = calling(url);
    for (let n = 0; n < 20; n++) await expect(look(hello)).rejects.toThrow(/status 503/);
    expect(asked).toBe(20);
  });
});
