import { startPeriodicTask } from '../../shared/jobs/periodic-task';
import type { Logger } from '../../shared/runtime/log';
import type { Sql } from '../../shared/sql/sql';
import { shardsOf, type UserShards } from '../sharding/user-shards';
import { setSeen } from './repository';
import type { Session } from './session';

const HOUR = 3_600_000;
/** A session ends after this time without a request. */
const IDLE_MS = 7 * 24 * HOUR;
/** A session ends after this time even if it is used. */
export const ABSOLUTE_MS = 30 * 24 * HOUR;

/** A killed process loses the uses of the last one and a half times this, which is harmless (decision 0114). */
const FLUSH_INTERVAL_MS = 2000;
/** Uses that wait to be stored; more are left to a later request of the same session. */
const MOST_WAITING = 1000;

type Touched = Pick<Session, 'id' | 'userId' | 'createdAt' | 'lastSeenAt'>;

/**
 * Stores the time of a session's last use (epoch milliseconds), which extends the session.
 * Implementations: `createTouches`, and `session-touch-client.ts` for processes that may not write.
 */
export type TouchSession = (session: Touched, token: string, at: number) => Promise<void>;

export interface Touches {
  readonly touch: TouchSession;
  /** From now on uses are collected and stored together. The returned function stores the rest and ends that. */
  collect(): () => Promise<void>;
}

/** Stores uses in SQL: each at once, or, in a process with background work, many in one transaction (write-behind). */
export function createTouches(users: Sql | UserShards, log: Logger, everyMs = FLUSH_INTERVAL_MS): Touches {
  const shards = shardsOf(users);
  const waiting = new Map<string, { readonly session: Touched; readonly at: number }>();
  let collecting = false;

  const flush = async () => {
    // Sorted like all rows that are changed together. What fails is not kept: a later request touches again.
    const batch = [...waiting.values()].sort((a, b) => (a.session.id < b.session.id ? -1 : 1));
    waiting.clear();
    // One shard that is away keeps none of the others waiting.
    await Promise.all([...byGroup(batch).values()].map(store));
  };
  type Batch = readonly { readonly session: Touched; readonly at: number }[];
  const byGroup = (batch: Batch) => {
    const groups = new Map<number, Batch>();
    for (const each of batch) {
      const group = shards.groupOf(each.session.userId);
      groups.set(group, [...(groups.get(group) ?? []), each]);
    }
    return groups;
  };
  const store = async (batch: Batch) => {
    await shards.at(batch[0]?.session.userId ?? '').transaction(async (tx) => {
      for (const { session, at } of batch) await setSeen(tx, session, at, expiry(session.createdAt, at));
    });
  };

  return {
    touch: async (session, _token, at) => {
      if (!collecting) return setSeen(shards.at(session.userId), session, at, expiry(session.createdAt, at));
      if (waiting.has(session.id) || waiting.size < MOST_WAITING) waiting.set(session.id, { session, at });
    },
    collect: () => {
      collecting = true;
      const stop = startPeriodicTask(flush, log, everyMs);
      return async () => {
        collecting = false;
        await stop();
        await flush().catch((error: unknown) =>
          log.warn({ err: error }, 'could not store the last uses of sessions'),
        );
      };
    },
  };
}

/** The end of a session without further use. */
export const expiry = (createdAt: number, seenAt: number): number =>
  Math.min(seenAt + IDLE_MS, createdAt + ABSOLUTE_MS);
