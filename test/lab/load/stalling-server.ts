/**
 * A server that answers at once, but for a stall of `stallMs` every `periodMs`; it reports each stall to its parent.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [periodMs = 0, stallMs = 0] = process.argv.slice(2).map(Number);
const asleep = new Int32Array(new SharedArrayBuffer(4));
const now = () => performance.timeOrigin + performance.now();

const server = createServer((_request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
  setInterval(() => Atomics.wait(asleep, 0, 0, stallMs), periodMs);
  // A busy machine stalls it, too.
  let from = now();
  setInterval(() => {
    const to = now();
    if (to - from > 20) process.send?.({ from, to });
    from = to;
  }, 5);
});
process.on('disconnect', () => process.exit());
