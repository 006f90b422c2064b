import fc from 'fast-check';
import { ipPrefixes } from '../../../../lambda/shared/http/ip-prefix';

describe('the network of an address', () => {
  it('is the address itself for IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(ipPrefixes(address)).toEqual({ near: address, wide: address });
      }),
    );
  });

  it('is the /64 and the /48 for IPv6', () => {
    expect(ipPrefixes('2001:DB8:1:2:3:4:5:6')).toEqual({
      near: '2001:db8:1:2::/64',
      wide: '2001:db8:1::/48',
    });
    expect(ipPrefixes('2001:db8::1')).toEqual({ near: '2001:db8:0:0::/64', wide: '2001:db8:0::/48' });
    expect(ipPrefixes('fe80::1%eth0')).toEqual({ near: 'fe80:0:0:0::/64', wide: 'fe80:0:0::/48' });
    expect(ipPrefixes('::1').near).toBe('0:0:0:0::/64');
    expect(ipPrefixes('::').wide).toBe('0:0:0::/48');
  });

  it('is the same for all addresses that a client of one /64 can choose', () => {
    const half = fc.array(fc.nat({ max: 0xffff }), { minLength: 4, maxLength: 4 });
    const written = (groups: number[]) => groups.map((group) => group.toString(16)).join(':');
    fc.assert(
      fc.property(half, half, half, (network, one, other) => {
        fc.pre(network.some((group) => group !== 0));
        const [a, b] = [one, other].map((host) => ipPrefixes(written([...network, ...host])));
        expect(a).toEqual(b);
      }),
    );
  });

  it('is that of the IPv4 address which an IPv6 address maps', () => {
    expect(ipPrefixes('::ffff:192.0.2.7').near).toBe('192.0.2.7');
    expect(ipPrefixes('::ffff:c000:207').near).toBe('192.0.2.7');
  });

  it('is found for every IPv6 address, and is one for all that is no address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(ipPrefixes(address).near).toMatch(/^([0-9a-f:]+::\/64|[\d.]+)$/);
      }),
    );
    for (const nothing of ['', 'localhost', '1.2.3', '1.2.3.4, 5.6.7.8', '[::1]']) {
      expect(ipPrefixes(nothing)).toEqual({ near: 'unknown', wide: 'unknown' });
    }
  });
});
