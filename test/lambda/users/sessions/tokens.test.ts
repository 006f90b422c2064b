import fc from 'fast-check';
import {
  deviceCookie,
  newDevice,
  newToken,
  provenDevice,
  tokenHash,
  withBucket,
} from '../../../../lambda/users/sessions/tokens';

describe('tokens', () => {
  it('are 256 random bits that no two log-ins share', () => {
    const tokens = Array.from({ length: 1000 }, () => newToken());
    expect(new Set(tokens).size).toBe(1000);
    for (const token of tokens) expect(Buffer.from(token.slice(0, 43), 'base64url')).toHaveLength(32);
  });

  it('are stored as SHA-256', () => {
    const old = 'o'.repeat(43);
    expect(tokenHash(withBucket(old, 7))).toBe(tokenHash(old));
    expect(tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('the cookie of a device', () => {
  it('proves a log-in to the account whose password hash it was made with, and to no other', () => {
    const device = newDevice();
    const cookie = deviceCookie(device, 'hash of one');
    expect(provenDevice(cookie, 'hash of one')).toBe(device);
    expect(provenDevice(cookie, 'hash of another')).toBeUndefined();
  });

  it('proves nothing when it is missing, made up or altered', () => {
    const cookie = deviceCookie(newDevice(), 'hash');
    expect(provenDevice(undefined, 'hash')).toBeUndefined();
    fc.assert(fc.property(fc.string(), (made) => provenDevice(made, 'hash') === undefined));
    fc.assert(
      fc.property(fc.nat({ max: cookie.length - 1 }), fc.constantFrom('A', '.', '_', 'é'), (at, letter) => {
        const altered = cookie.slice(0, at) + letter + cookie.slice(at + 1);
        // Of the last letter's six bits base64url uses four, but the comparison is of the text.
        return altered === cookie || provenDevice(altered, 'hash') === undefined;
      }),
    );
  });
});
