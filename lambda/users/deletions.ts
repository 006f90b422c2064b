import type { Logger } from '../shared/log';
import { limit, type Sql, type Statements } from '../shared/sql';

/** Removes what another service keeps of a user. Called again until it succeeds, and once more, so it is idempotent. */
export type OnDeleted = (userId: string) => Promise<void>;

/** Longer than any request that was under way when the account went, and the pause between tries that fail. */
const AGAIN_AFTER_MS = 60_000;
const AT_ONCE = 100;

export interface Deletions {
  /** Part of the transaction that deletes the account: from there on the rest of its data goes too. */
  record(tx: Statements, userId: string): Promise<void>;
  /** Asks the other services now. What fails is left to the sweep. */
  carryOut(userId: string): Promise<void>;
  /** Asks again for the accounts that were deleted a while ago, and then forgets them. */
  sweep(): Promise<void>;
}

interface DeletionsOptions {
  readonly sql: Sql;
  readonly log: Logger;
  readonly onDeleted: OnDeleted | undefined;
  readonly now: () => number;
}

/** docs/decisions/0051. Without `onDeleted` the records wait for a process that has it. */
export function createDeletions({ sql, log, onDeleted, now }: DeletionsOptions): Deletions {
  const carryOut = async (userId: string): Promise<boolean> => {
    if (!onDeleted) return false;
    try {
      await onDeleted(userId);
      return true;
    } catch (error) {
      log.warn({ err: error, userId }, 'the data of a deleted account is not all gone: will try again');
      return false;
    }
  };

  const finish = async (userId: string) => {
    const gone = await carryOut(userId);
    if (gone) await sql.execute('DELETE FROM deletions WHERE user_id = ?', [userId]);
    else
      await sql.execute('UPDATE deletions SET due_at = ? WHERE user_id = ?', [
        now() + AGAIN_AFTER_MS,
        userId,
      ]);
  };

  return {
    record: async (tx, userId) => {
      await tx.execute('INSERT INTO deletions (user_id, due_at) VALUES (?, ?)', [
        userId,
        now() + AGAIN_AFTER_MS,
      ]);
    },
    carryOut: async (userId) => {
      await carryOut(userId);
    },
    sweep: async () => {
      if (!onDeleted) return;
      const due = await sql.query<{ userId: string }>(
        `SELECT user_id AS userId FROM deletions WHERE due_at <= ? ORDER BY due_at, user_id ${limit(AT_ONCE)}`,
        [now()],
      );
      for (const { userId } of due) await finish(userId);
    },
  };
}
