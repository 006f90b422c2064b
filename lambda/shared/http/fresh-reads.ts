import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from '../sql/signing-keys';
import { createBudget } from './budget';

/** Longer than a cache may keep any response: see `cache-policy.ts`. */
export const FRESH_SECONDS = 60;

/** Budget of one client, by address or IPv6 network: a few pages at once, then a read a second. In each process. */
const CLIENT = { tries: 30, refillMs: 1000, keys: 10_000 };
/** Budget of all clients together: less than the database can answer besides its other work. In each process. */
const TOTAL = { tries: 100, refillMs: 20, keys: 1 };

/**
 * The right to read past every cache, for a client that changed something a moment ago. It is the value of a cookie,
 * with its expiry and a keyed hash of the client. Reads are charged to the client in the cookie, even if another one
 * sends it.
 */
export interface FreshReads {
  /** The value for a client that changed something now; undefined while there is no key to sign with. */
  valueFor(client: string): string | undefined;
  /** True for a value that is ours and has not ended. Charges nothing. */
  verify(value: string | undefined): boolean;
  /** Charges one read past a copy, and returns true when it may be fresh. */
  pay(value: string | undefined): boolean;
}

export function createFreshReads(
  keys: Pick<SigningKeys, 'current' | 'all'>,
  now: () => number = Date.now,
): FreshReads {
  const payAsClient = createBudget(CLIENT, now);
  const payInTotal = createBudget(TOTAL, now);
  /** The client that the value names, if the value is valid. */
  const clientOf = (value: string | undefined): string | undefined => {
    const [, signed = '', end, client = '', given = ''] =
      value?.match(/^((\d{13})\.([\w-]{11}))\.([\w-]{43})$/) ?? [];
    if (!(Number(end) > now())) return undefined;
    return keys.all().some((key) => equal(given, mac(key, `wrote ${signed}`))) ? client : undefined;
  };
  return {
    valueFor: (client) => {
      const key = keys.current();
      if (key === undefined) return undefined;
      const signed = `${now() + FRESH_SECONDS * 1000}.${mac(key, `client ${client}`).slice(0, 11)}`;
      return `${signed}.${mac(key, `wrote ${signed}`)}`;
    },
    verify: (value) => clientOf(value) !== undefined,
    pay: (value) => {
      const client = clientOf(value);
      return client !== undefined && payAsClient(client) && payInTotal('');
    },
  };
}

const mac = (key: string, text: string) => createHmac('sha256', key).update(text).digest('base64url');

const equal = (a: string, b: string) => timingSafeEqual(Buffer.from(a), Buffer.from(b));
