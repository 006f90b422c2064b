import { BlockList, isIP, isIPv6 } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** Tells a client's address; which header of which proxy to trust is the host's decision. */
export type ClientAddress = (c: Context) => string;

/** For Node's server: who is at the other end of the connection, or, when that is a proxy of ours, whom it names. */
export const addressBehindProxies: ClientAddress = (c) =>
  clientOf(getConnInfo(c).remote.address ?? '', c.req.header('x-forwarded-for'));

/**
 * Proxies of ours append whom they heard from to X-Forwarded-For, or pass on whom the one before named. So it is read from
 * its end, and only as long as who wrote the entry is on this machine or in our private network. The rest is made up.
 */
export function clientOf(peer: string, forwardedFor = ''): string {
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

/** Mapped addresses (::ffff:127.0.0.1), as dual-stack sockets show them, count as what they map. */
const isPrivate = (address: string) =>
  isIP(address) !== 0 && PRIVATE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
