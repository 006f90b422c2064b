import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { type Migration, TABLE_OPTIONS } from '../sql/migrations';
import type { Sql } from '../sql/sql';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The age from which a key signs: by then every process has read it, as each does several times a minute. */
const KNOWN_AFTER_MS = MINUTE_MS;
const REPLACED_AFTER_MS = DAY_MS;
/** Long after the last of its signatures has ended. */
const REMOVED_AFTER_MS = 2 * DAY_MS;

export const signingKeyMigrations: readonly Migration[] = [
  {
    id: '0020-signing-keys',
    statements: [
      `CREATE TABLE signing_keys (
        id VARCHAR(36) PRIMARY KEY,
        secret VARCHAR(43) NOT NULL,
        made_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
    ],
  },
];

export interface SigningKey {
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly madeAt: number;
}

/** Secrets that all processes of a service share through its database, each for a day (decision 0096). */
export interface KeyRing {
  /** The one to sign with; undefined when none was read yet. */
  current(): string | undefined;
  /** Those with which a valid signature may have been made. */
  all(): readonly string[];
  /** Reads them again. */
  refresh(): Promise<void>;
}

export interface SigningKeys extends KeyRing {
  /** The same, and makes the next one when it is time: for processes that may write. */
  rotate(): Promise<void>;
}

/** Newest first. */
export const readSigningKeys = (sql: Sql): Promise<SigningKey[]> =>
  sql.query('SELECT secret, made_at AS madeAt FROM signing_keys ORDER BY made_at DESC');

/** @param read the keys, newest first */
export function createKeyRing(
  read: () => Promise<readonly SigningKey[]>,
  now: () => number = Date.now,
): KeyRing {
  let keys: readonly SigningKey[] = [];
  return {
    // The very first one signs at once: there is no other.
    current: () => (keys.find(({ madeAt }) => madeAt <= now() - KNOWN_AFTER_MS) ?? keys.at(-1))?.secret,
    all: () => keys.map(({ secret }) => secret),
    refresh: async () => {
      keys = await read();
    },
  };
}

export type KeyRenewal = 'rotate' | 'refresh';

export function createSigningKeys(sql: Sql, now: () => number = Date.now): SigningKeys {
  let newest: SigningKey | undefined;
  const ring = createKeyRing(async () => {
    const keys = await readSigningKeys(sql);
    newest = keys[0];
    return keys;
  }, now);
  return {
    ...ring,
    rotate: async () => {
      await ring.refresh();
      if (newest && newest.madeAt > now() - REPLACED_AFTER_MS) return;
      // Two processes may do so at the same time: two keys are as good as one.
      const secret = randomBytes(32).toString('base64url');
      await sql.execute('INSERT INTO signing_keys (id, secret, made_at) VALUES (?, ?, ?)', [
        uuidv7(),
        secret,
        now(),
      ]);
      await sql.execute('DELETE FROM signing_keys WHERE made_at < ?', [now() - REMOVED_AFTER_MS]);
      await ring.refresh();
    },
  };
}
