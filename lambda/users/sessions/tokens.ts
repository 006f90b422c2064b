import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits, 43 characters of base64url, and the bucket of the user, by which the session is found. */
export const newToken = (bucket = 0): string =>
  `${randomBytes(32).toString('base64url')}${bucket.toString(16).padStart(3, '0')}`;

/** Undefined for a token of before there were buckets. Nobody gains by another bucket: the session is not there. */
export function bucketOfToken(token: string): number | undefined {
  const [, bucket] = token.match(/^[\w-]{43}-?([0-3][0-9a-f]{2})$/) ?? [];
  return bucket === undefined ? undefined : Number.parseInt(bucket, 16);
}

/**
 * A token of before there were buckets, with the bucket of its user (decision 0211). It opens the same session, as the
 * token itself still does.
 */
export const withBucket = (token: string, bucket: number): string =>
  `${token}-${bucket.toString(16).padStart(3, '0')}`;

/** Only this hash is stored, so a copy of the database does not open sessions. Tokens are random: no salt. */
export function tokenHash(token: string): string {
  const [, old = token] = token.match(/^([\w-]{43})-[0-3][0-9a-f]{2}$/) ?? [];
  return createHash('sha256').update(old).digest('hex');
}

/**
 * Proves an earlier log-in on a device: `<device id>.<proof>`. The proof is an HMAC under the stored password hash, so
 * it needs no table, is valid for one account, and expires when the password changes.
 */
export function deviceCookie(device: string, passwordHash: string): string {
  return `${device}.${proof(device, passwordHash)}`;
}

/** The device id, if the cookie proves a log-in to the account with this password hash. */
export function provenDevice(cookie: string | undefined, passwordHash: string): string | undefined {
  const [, device, given] = cookie?.match(/^([\w-]{22})\.([\w-]{43})$/) ?? [];
  if (device === undefined || given === undefined) return undefined;
  return timingSafeEqual(Buffer.from(given), Buffer.from(proof(device, passwordHash))) ? device : undefined;
}

export const newDevice = (): string => randomBytes(16).toString('base64url');

const proof = (device: string, passwordHash: string) =>
  createHmac('sha256', passwordHash).update(`device ${device}`).digest('base64url');
