import { createHash } from 'node:crypto';
import { DuplicateKeyError, limit, type Sql, type Statements } from '../shared/sql';
import { KeyReusedError } from './errors';
import { among, insertRows } from './rows';

/** How long a repeated request is recognized. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** A request that may come twice: who sends it, under which Idempotency-Key, and a hash of what it asks. */
export interface KeyedRequest {
  readonly userId: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** What a request led to, and whether this was told from the record of an earlier one. */
export interface Keyed<Result> {
  readonly result: Result;
  readonly replayed: boolean;
}

export type Keys = ReturnType<typeof createKeys>;

/** Equal for equal requests; keys belong to one operation, since the first part names it. */
export const fingerprint = (request: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url');

/** Keys are each user's own. */
export const keyId = ({ userId, key }: KeyedRequest): string => `${userId}:${key}`;

/**
 * Does work once for each user's key. What failed leaves no record: the key may be used again.
 * Of requests that come at once, the primary key lets one through; the others find its record.
 */
export function createKeys(sql: Sql, now: () => number) {
  return {
    once: async <Result>(
      request: KeyedRequest,
      resultId: string,
      work: (tx: Statements) => Promise<Result>,
      load: (resultId: string) => Promise<Result>,
    ): Promise<Keyed<Result>> => {
      for (;;) {
        const record = (await findRecords(sql, [request])).get(keyId(request));
        const valid = record && record.expiresAt > now();
        if (valid) return { result: await load(sameRequest(record, request)), replayed: true };
        try {
          const result = await sql.transaction(async (tx) => {
            if (record) await deleteExpired(tx, [keyId(request)], now());
            await insertRecords(tx, [{ request, resultId }], now());
            return work(tx);
          });
          return { result, replayed: false };
        } catch (error) {
          if (!(error instanceof DuplicateKeyError)) throw error;
        }
      }
    },

    /** Deletes some expired records and returns how many there were. Several processes may do it at once. */
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

/** The records of these requests' keys by `keyId`, expired ones too. */
export async function findRecords({ query }: Statements, requests: readonly KeyedRequest[]) {
  const ids = among(requests.map(keyId));
  const rows = await query<KeyRecord>(
    `SELECT id, fingerprint, result_id AS resultId, expires_at AS expiresAt FROM idempotency WHERE id ${ids.sql}`,
    ids.values,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** The id of what the earlier request led to. @throws KeyReusedError when that was another request */
export function sameRequest(record: KeyRecord, request: KeyedRequest): string {
  if (record.fingerprint === request.fingerprint) return record.resultId;
  throw new KeyReusedError(
    `The Idempotency-Key ${request.key} was used for another request: make a new one for each`,
  );
}

/** @throws DuplicateKeyError when one of the keys has a record */
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
      at + KEPT_MS,
    ]),
  );

export function deleteExpired({ execute }: Statements, ids: readonly string[], at: number): Promise<number> {
  const { sql, values } = among([...ids].sort());
  return execute(`DELETE FROM idempotency WHERE id ${sql} AND expires_at <= ?`, [...values, at]);
}
