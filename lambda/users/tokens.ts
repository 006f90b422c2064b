import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, 43 characters of base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url');

/** What is stored of a token: nobody can log in with what the database holds. Tokens are random, so no salt. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * What a device keeps to show that somebody logged in on it: `<device id>.<proof>`. The proof is an HMAC under the
 * stored password hash, so it needs no table, holds for one account, and ends when the password changes.
 */
export function deviceCookie(device: string, passwordHash: string): string {
  return `${device}.${proof(device, passwordHash)}`;
}

/** The device id of a device cookie that proves a log-in to the account with this password hash. */
export function provenDevice(cookie: string | undefined, passwordHash: string): string | undefined {
  const [, device, given] = cookie?.match(/^([\w-]{22})\.([\w-]{43})$/) ?? [];
  if (device === undefined || given === undefined) return undefined;
  return timingSafeEqual(Buffer.from(given), Buffer.from(proof(device, passwordHash))) ? device : undefined;
}

export const newDevice = (): string => randomBytes(16).toString('base64url');

const proof = (device: string, passwordHash: string) =>
  createHmac('sha256', passwordHash).update(`device ${device}`).digest('base64url');
