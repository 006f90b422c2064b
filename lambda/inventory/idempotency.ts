import { createHash } from 'node:crypto';
import { among, insertRows } from '../shared/sql/bulk-sql';
import { DuplicateKeyError, limit, type Sql, type Statements } from '../shared/sql/sql';
import { KeyReusedError } from './errors';

/** A repeated request is recognized for this long. */
const TTL_MS = 24 * 60 * 60 * 1000;

/** A request that may be repeated: its user, its Idempotency-Key and a hash of its content. */
export interface KeyedRequest {
  readonly userId: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** The result of a request; `replayed` if it comes from the record of an earlier one. */
export interface Keyed<Result> {
  readonly result: Result;
  readonly replayed: boolean;
}

export type Keys = ReturnType<typeof createKeys>;

/** Equal for equal requests. The first part names the operation, so a key belongs to one operation. */
export const fingerprint = (request: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url');

/** Users cannot collide with each other's keys. */
export const keyId = ({ userId, key }: KeyedRequest): string => `${userId}:${key}`;

/**
 * Runs work once per user and key. A failure leaves no record, so its key may be used again.
 * The primary key lets one of several requests through; the others find its record.
 */
export function createKeys(sql: Sql, now: () => number) {
  return {
    once: async <Result>(
      request: KeyedRequest,
      resultId: string,
      work: (tx: Statements) => Promise<Result>,
      load: (resultId: string) => Promise<Result>,
    ): Promise<Keyed<Result>> => {
      let record: KeyRecord | undefined;
      for (;;) {
        let isNew = false;
        try {
          const result = await sql.transaction(async (tx) => {
            isNew = false;
            if (record) await deleteExpired(tx, [keyId(request)], now());
            await insertRecords(tx, [{ request, resultId }], now());
            isNew = true;
            return work(tx);
          });
          return { result, replayed: false };
        } catch (error) {
          // A key that the work itself wrote twice is no record of this request.
          if (isNew || !(error instanceof DuplicateKeyError)) throw error;
        }
        record = (await findRecords(sql, [request])).get(keyId(request));
        if (record && record.expiresAt > now())
          return { result: await load(sameRequest(record, request)), replayed: true };
      }
    },

    /** Deletes a batch of expired records and returns its size. Safe to run in several processes. */
    sweep: async (): Promise<number> => {
      const at = now();
      const expired = await sql.query<{ id: string }>(
        `SELECT id FROM idempotency WHERE expires_at <= ? ORDER BY expires_at ${limit(128)}`,
        [at],
      );
      if (expired.length === 0) return 0;
      return sql.transaction((tx) =>
        deleteExpired(
          tx,
          expired.map(({ id }) => id),
          at,
        ),
      );
    },
  };
}

export interface KeyRecord {
  readonly id: string;
  readonly fingerprint: string;
  readonly resultId: string;
  readonly expiresAt: number;
}

/** The records of these requests by `keyId`, including expired ones. */
export async function findRecords({ query }: Statements, requests: readonly KeyedRequest[]) {
  const ids = among(requests.map(keyId));
  const rows = await query<KeyRecord>(
    `SELECT id, fingerprint, result_id AS resultId, expires_at AS expiresAt FROM idempotency WHERE id ${ids.sql}`,
    ids.values,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The id of the earlier request's result. @throws KeyReusedError if that request was a different one */
export function sameRequest(record: KeyRecord, request: KeyedRequest): string {
  if (record.fingerprint === request.fingerprint) return record.resultId;
  throw new KeyReusedError(
    `The Idempotency-Key ${request.key} was used for a different request: use a new key for each request`,
  );
}

/** @throws DuplicateKeyError if one of the keys has a record */
export const insertRecords = (
  tx: Statements,
  records: readonly { readonly request: KeyedRequest; readonly resultId: string }[],
  at: number,
): Promise<void> =>
  insertRows(
    tx,
    'idempotency (id, user_id, fingerprint, result_id, expires_at)',
    records.map(({ request, resultId }) => [
      keyId(request),
      request.userId,
      request.fingerprint,
      resultId,
      at + TTL_MS,
    ]),
  );

export function deleteExpired({ execute }: Statements, ids: readonly string[], at: number): Promise<number> {
  const { sql, values } = among([...ids].sort());
  return execute(`DELETE FROM idempotency WHERE id ${sql} AND expires_at <= ?`, [...values, at]);
}
