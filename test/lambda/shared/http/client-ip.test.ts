import fc from 'fast-check';
import { clientIp } from '../../../../lambda/shared/http/client-ip';

describe("a client's address", () => {
  it('is the peer of the connection', () => {
    expect(clientIp('203.0.113.5')).toBe('203.0.113.5');
    expect(clientIp('127.0.0.1')).toBe('127.0.0.1');
  });

  it('is the address that our proxies forward, through several of them', () => {
    expect(clientIp('127.0.0.1', '203.0.113.5')).toBe('203.0.113.5');
    expect(clientIp('::ffff:127.0.0.1', '2001:db8::5')).toBe('2001:db8::5');
    expect(clientIp('127.0.0.1', '203.0.113.5, 10.0.3.7')).toBe('203.0.113.5');
    expect(clientIp('::1', 'fd00::7')).toBe('fd00::7');
  });

  it.each([
    ['10.0.0.0', '10.255.255.255'],
    ['127.0.0.0', '127.255.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['::1', '::1'],
    ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('is forwarded by proxies of the private networks alone: %s to %s', (first, last) => {
    for (const proxy of [first, last]) expect(clientIp(proxy, '203.0.113.5')).toBe('203.0.113.5');
  });

  it.each([
    ...['9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '172.15.255.255', '172.32.0.0'],
    ...['192.167.255.255', '192.169.0.0', '::2', 'fbff::1', 'fe00::1', '2001:db8::1'],
  ])('is the peer itself of any other network: %s', (peer) => {
    expect(clientIp(peer, '203.0.113.5')).toBe(peer);
  });

  it('cannot be made up: what a client wrote into the header stands left of what a proxy appended', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (made, other) => {
        expect(clientIp('10.0.0.1', `${made}, ${other},203.0.113.5`)).toBe('203.0.113.5');
        expect(clientIp('203.0.113.5', `${made}, ${other}`)).toBe('203.0.113.5');
      }),
    );
  });

  it('is the nearest that is known when the header holds something else', () => {
    expect(clientIp('10.0.0.1', 'unknown')).toBe('10.0.0.1');
    expect(clientIp('10.0.0.1', '203.0.113.5:4711, ')).toBe('10.0.0.1');
  });
});
