import type { Sql } from '../shared/sql';
import { type Session, setSeen } from './session-store';

const HOUR = 3_600_000;
/** A session ends after so long without a request … */
const IDLE_MS = 7 * 24 * HOUR;
/** … and after so long whatever happens. */
export const ABSOLUTE_MS = 30 * 24 * HOUR;

/**
 * Has it stored that a session was seen now (epoch milliseconds), so that it goes on.
 * Implementations: `seenInSql` and `seen-over-http.ts`, for who may not write.
 */
export type Seen = (session: Session, token: string, at: number) => Promise<void>;

export const seenInSql =
  (sql: Sql): Seen =>
  (session, _token, at) =>
    setSeen(sql, session, at, expiry(session.createdAt, at));

/** When a session ends that is not seen again. */
export const expiry = (createdAt: number, seenAt: number): number =>
  Math.min(seenAt + IDLE_MS, createdAt + ABSOLUTE_MS);
