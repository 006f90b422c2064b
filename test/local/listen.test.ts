import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createLog } from '../../lambda/shared/runtime/log';
import { type Listening, listen } from '../../local/listen';

const log = createLog({ write: () => undefined });
const hasIpV6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');
const withIpV6 = hasIpV6 ? it : it.skip;

describe('the shop on this machine listens', () => {
  const opened: Listening[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ stop }) => stop()));
  });
  const open = async (host?: string, port = 0) => {
    const listening = await listen({ fetch: () => new Response('ours'), log, port, host });
    opened.push(listening);
    return listening;
  };
  const at = async (host: string, url: string) =>
    (await fetch(`http://${host}:${new URL(url).port}/`)).text();

  withIpV6('on both addresses that localhost may be', async () => {
    const { url } = await open();
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) expect(await at(host, url)).toBe('ours');
  });

  withIpV6('on neither of them any more once it has stopped', async () => {
    const listening = await listen({ fetch: () => new Response('ours'), log, port: 0 });
    await listening.stop();
    for (const host of ['127.0.0.1', '[::1]']) await expect(at(host, listening.url)).rejects.toThrow();
  });

  withIpV6('on one of them, and says which, when another program has the other', async () => {
    const other = createServer((_, answer) => answer.end('theirs')).listen(0, '::1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { url } = await open(undefined, port);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await (await fetch(url)).text()).toBe('ours');
    other.close();
  });

  it('on the address that it is given, and on no other', async () => {
    const { url } = await open('127.0.0.2');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect(await at('127.0.0.2', url)).toBe('ours');
    await expect(at('127.0.0.1', url)).rejects.toThrow();
  });

  it('on every address, under the name that this machine has for itself', async () => {
    const { url } = await open('0.0.0.0');
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    for (const host of ['127.0.0.1', '127.0.0.2']) expect(await at(host, url)).toBe('ours');
  });
});
