import type { Logger } from '../../shared/runtime/log';
import { limit, type Statements } from '../../shared/sql/sql';
import { onEach } from '../sharding/on-each';
import type { UserShards } from '../sharding/user-shards';

/** Removes a user's data from another service. Called until it succeeds, and once more, so it must be idempotent. */
export type OnDeleted = (userId: string) => Promise<void>;

/** Longer than any request that was in flight when the account was deleted. */
const RETRY_DELAY_MS = 60_000;
const BATCH_SIZE = 100;

export interface Deletions {
  /** Part of the transaction that deletes the account: ensures that the rest of its data is deleted too. */
  record(tx: Statements, userId: string): Promise<void>;
  /** Calls the other services now. The sweep retries failures. */
  carryOut(userId: string): Promise<void>;
  /** Calls again for accounts that were deleted a while ago, and then drops their records. */
  sweep(): Promise<void>;
}

interface DeletionsOptions {
  readonly shards: UserShards;
  readonly log: Logger;
  readonly onDeleted: OnDeleted | undefined;
  readonly now: () => number;
}

/** See decision 0051. Without `onDeleted` the records wait for a process that has it. */
export function createDeletions({ shards, log, onDeleted, now }: DeletionsOptions): Deletions {
  const carryOut = async (userId: string): Promise<boolean> => {
    if (!onDeleted) return false;
    try {
      await onDeleted(userId);
      return true;
    } catch (error) {
      log.warn({ err: error, userId }, 'could not delete all data of a deleted account: will try again');
      return false;
    }
  };

  const finish = async (userId: string) => {
    const gone = await carryOut(userId);
    const sql = shards.at(userId);
    if (gone) await sql.execute('DELETE FROM deletions WHERE user_id = ?', [userId]);
    else
      await sql.execute('UPDATE deletions SET due_at = ? WHERE user_id = ?', [
        now() + RETRY_DELAY_MS,
        userId,
      ]);
  };

  return {
    record: async (tx, userId) => {
      await tx.execute('INSERT INTO deletions (user_id, due_at) VALUES (?, ?)', [
        userId,
        now() + RETRY_DELAY_MS,
      ]);
    },
    carryOut: async (userId) => {
      await carryOut(userId);
    },
    sweep: async () => {
      if (!onDeleted) return;
      await onEach(shards, async (sql) => {
        const due = await sql.query<{ userId: string }>(
          `SELECT user_id AS userId FROM deletions WHERE due_at <= ? ORDER BY due_at, user_id ${limit(BATCH_SIZE)}`,
          [now()],
        );
        for (const { userId } of due) await finish(userId);
      });
    },
  };
}
