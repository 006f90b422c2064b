import { BlockList, isIP, isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Returns a client's address. The host decides which proxy's header to trust. */
export type ReadClientIp = (c: Context) => string;

/** For Node's server: the peer's address, or the address that the peer forwards if it is one of our proxies. */
export const clientIpBehindProxies: ReadClientIp = (c) =>
  clientIp(getConnInfo(c).remote.address ?? '', c.req.header('x-forwarded-for'));

/**
 * Our proxies append their peer's address to X-Forwarded-For, or pass the header on. So it is read from its end, while
 * the author of the entry is on this machine or in our private network. The client may have forged the rest.
 */
export function clientIp(peer: string, forwardedFor = ''): string {
  const hops = forwardedFor.split(',').map((hop) => hop.trim());
  let client = peer;
  while (isPrivate(client)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** Treats mapped addresses of dual-stack sockets (::ffff:127.0.0.1) as IPv4. */
const isPrivate = (address: string) =>
  isIP(address) !== 0 && PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
