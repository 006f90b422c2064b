import { createHash, randomUUID } from 'node:crypto';
import { inBatches } from '../../shared/sql/batches';
import { DuplicateKeyError, type Sql } from '../../shared/sql/sql';
import type { Item, Table } from '../../shared/tables/table';

const DAY_MS = 24 * 3_600_000;
/** Longer than any registration takes. Until then a claim is respected, whatever the shard of its user says. */
const RESPITE_MS = 60_000;

/** An entry of the table: the user who has claimed an e-mail. It counts if the account has that e-mail. */
interface Entry {
  readonly userId: string;
  /** Names this claim, and no other of the same user. */
  readonly claim: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The user of each e-mail, across shards. Rows of accounts are the truth; an entry that they contradict is void. */
export interface Directory {
  /** The user who may have this e-mail. */
  find(email: string): Promise<string | undefined>;
  /**
   * Reserves an e-mail for a user, whose account is inserted or changed in the same transaction that inserts the returned
   * claim (`useClaim`). Undefined if another account has it, or is about to.
   */
  claim(email: string, userId: string): Promise<string | undefined>;
  /** For an e-mail that the user has no more. What is not released is found to be void later. */
  release(email: string, userId: string): Promise<void>;
}

export interface DirectoryOptions {
  readonly table: Table;
  /** The schema with the rows of a user. */
  readonly at: (userId: string) => Sql;
  readonly now: () => number;
}

/** A claim of an e-mail was given away before it was used. */
export class ClaimVoidError extends Error {
  override name = 'ClaimVoidError';
}

/** Part of the transaction that stores the e-mail. @throws ClaimVoidError */
export async function useClaim(
  tx: Pick<Sql, 'execute'>,
  claim: string,
  userId: string,
  at: number,
): Promise<void> {
  try {
    await tx.execute('INSERT INTO email_claims (claim, user_id, made_at) VALUES (?, ?, ?)', [
      claim,
      userId,
      at,
    ]);
  } catch (error) {
    throw error instanceof DuplicateKeyError ? new ClaimVoidError() : error;
  }
}

export function createDirectory({ table, at: schemaOf, now }: DirectoryOptions): Directory {
  const read = async (email: string) => {
    const item = await table.get(keyOf(email), { consistent: true });
    return item as (Entry & { key: string }) | undefined;
  };
  const hasEmail = async (userId: string, email: string): Promise<boolean> => {
    const rows = await schemaOf(userId).query('SELECT id FROM users WHERE id = ? AND email = ?', [
      userId,
      email,
    ]);
    return rows.length > 0;
  };
  /**
   * Keeps a claim that was not used from being used later: its row can be inserted once. True if the e-mail is free then.
   */
  const isVoid = async ({ userId, claim, at }: Entry, email: string): Promise<boolean> => {
    if (await hasEmail(userId, email)) return false;
    if (at > now() - RESPITE_MS) return false;
    await useClaim(schemaOf(userId), claim, userId, now()).catch((error: unknown) => {
      if (!(error instanceof ClaimVoidError)) throw error;
    });
    return !(await hasEmail(userId, email));
  };

  return {
    find: async (email) => (await read(email))?.userId,
    claim: async (email, userId) => {
      const entry: Entry = { userId, claim: randomUUID(), at: now() };
      const item = { ...keyOf(email), ...entry };
      if (await table.put(item, 'free')) return entry.claim;
      const found = await read(email);
      if (!found) return undefined;
      // The answer to the first attempt of the same request was lost.
      if (found.claim === entry.claim) return entry.claim;
      if (!(await isVoid(found, email))) return undefined;
      if (await table.put(item, { claim: found.claim })) return entry.claim;
      return (await read(email))?.claim === entry.claim ? entry.claim : undefined;
    },
    release: async (email, userId) => {
      await table.delete(keyOf(email), { userId });
    },
  };
}

/** Claims decide for as long as a registration may take: a day is longer. */
export const deleteOldClaims = (sql: Sql, now: number): Promise<void> =>
  inBatches(sql, 'DELETE FROM email_claims', {
    ...{ table: 'email_claims', key: 'claim', index: 'email_claims_made' },
    ...{ where: 'made_at < ?', values: [now - DAY_MS] },
  });

/**
 * Enters an account of before there was a directory. Its row has the e-mail, and all rows are still in one schema, where
 * e-mails are unique: another user's claim is void.
 */
export async function enterAccount(table: Table, email: string, userId: string): Promise<void> {
  const entry: Item = { ...keyOf(email), ...{ userId, claim: userId, at: 0 } };
  while (!(await table.put(entry, 'free'))) {
    const found = await table.get(keyOf(email), { consistent: true });
    if (found?.userId === userId) return;
    if (found?.claim && (await table.put(entry, { claim: found.claim }))) return;
  }
}

/** The table holds no e-mails. */
const keyOf = (email: string) => ({
  key: `EMAIL#${createHash('sha256').update(email).digest('hex')}`,
});
