import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { sharesPorts } from '../../../../lambda/shared/http/accept';
import { serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { cleanup, cleanupServer } from '../../../support/cleanup';

const log = createLog({ write: () => undefined });
const ESTABLISHED = 40;
const NEW = 200;

/** Asks again as soon as it is answered. */
async function busyConnection(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('data', () => ask());
  const ask = () => socket.write('GET /work HTTP/1.1\r\nHost: x\r\n\r\n');
  cleanup(() => socket.destroy());
  await once(socket, 'connect');
  ask();
  await once(socket, 'data');
}

/** As a health check asks. */
async function newConnection(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const [data] = await once(socket, 'data');
  expect(String(data)).toMatch(/^HTTP\/1.1 200 /);
  socket.destroy();
}

// The Node that is deployed: npm run test:deployed.
(sharesPorts ? test : test.skip)('accepts new connections while established ones keep it busy', async () => {
  let worked = 0;
  const fetch = (request: Request) => {
    if (request.url.endsWith('/work')) {
      worked++;
      for (const until = performance.now() + 1; performance.now() < until; );
    }
    return new Response('done');
  };
  const { port, stop } = await serve({ log, port: 0, fetch });
  cleanup(stop);
  await Promise.all(Array.from({ length: ESTABLISHED }, () => busyConnection(port)));
  const before = worked;
  await Promise.all(Array.from({ length: NEW }, () => newConnection(port)));
  // One in a turn, in which half of the others are answered, would be 4,000.
  expect(worked - before).toBeLessThan((NEW * ESTABLISHED) / 4);
});

test('does not share the port of another server', async () => {
  const other = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  cleanupServer(other);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const fetch = () => new Response('');
  await expect(serve({ log, port, fetch })).rejects.toThrow('EADDRINUSE');
  const own = await serve({ log, port: 0, fetch });
  cleanup(own.stop);
  await expect(serve({ log, port: own.port, fetch })).rejects.toThrow('EADDRINUSE');
});
