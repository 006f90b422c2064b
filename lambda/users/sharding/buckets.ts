import { crc32 } from 'node:zlib';

/** Never changes: rows know their bucket, and so do tokens. */
export const BUCKETS = 1024;

/** The bucket of a user, or of a row without one, by its key. Databases compute the same: `CRC32(key) % 1024`. */
export const bucketOf = (key: string): number => crc32(key) % BUCKETS;

/** The tables that are divided, and the column that decides about a row. Counts of attempts stay where they were made. */
export const DIVIDED = {
  users: 'id',
  sessions: 'user_id',
  deletions: 'user_id',
  email_claims: 'user_id',
} as const;
