import { isIPv4, isIPv6 } from 'node:net';

export interface IpPrefixes {
  /** The network of one client: an IPv4 address, or an IPv6 /64, within which clients choose their address. */
  readonly near: string;
  /** The network of one customer of a provider: an IPv4 address, or an IPv6 /48. */
  readonly wide: string;
}

/** The networks of a client's address. Everything that is not an address shares the network `unknown`. */
export function ipPrefixes(address: string): IpPrefixes {
  const bare = address.replace(/%.*$/, '');
  if (isIPv4(bare)) return { near: bare, wide: bare };
  if (!isIPv6(bare)) return { near: 'unknown', wide: 'unknown' };
  const groups = groupsOf(bare);
  const mapped = groups.slice(0, 6).join() === '0,0,0,0,0,ffff';
  if (mapped) return ipPrefixes(dotted(groups.slice(6)));
  return { near: `${groups.slice(0, 4).join(':')}::/64`, wide: `${groups.slice(0, 3).join(':')}::/48` };
}

/** The eight groups of an IPv6 address in lower-case hexadecimal without leading zeros. */
function groupsOf(address: string): string[] {
  // A URL's host is in the canonical short form (RFC 5952), without a dotted IPv4 part.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [
    string[],
    string[],
  ];
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

const dotted = (groups: string[]) =>
  groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
