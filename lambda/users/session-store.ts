import type { Identity } from '../shared/identity';
import { limit, type Statements } from '../shared/sql';

/** One log-in. Times in epoch milliseconds. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly userAgent: string | null;
  readonly createdAt: number;
  /** At most an hour behind. */
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** The session that a request was made in, and whose it is. */
export interface SessionIdentity extends Identity, Session {}

const COLUMNS = `s.id, s.user_id AS userId, s.user_agent AS userAgent, s.created_at AS createdAt,
  s.last_seen_at AS lastSeenAt, s.expires_at AS expiresAt`;

export async function insertSession(sql: Statements, session: Session, tokenHash: string): Promise<void> {
  const { id, userId, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  await sql.execute(
    `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [id, userId, tokenHash, userAgent, createdAt, lastSeenAt, expiresAt],
  );
}

export async function sessionByToken(sql: Statements, tokenHash: string, now: number) {
  const [session] = await sql.query<SessionIdentity>(
    `SELECT ${COLUMNS}, u.role FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.token_hash = ? AND s.expires_at > ?`,
    [tokenHash, now],
  );
  return session;
}

/** Newest first. */
export function sessionsOf(sql: Statements, userId: string, now: number, most: number): Promise<Session[]> {
  return sql.query<Session>(
    `SELECT ${COLUMNS} FROM sessions s WHERE s.user_id = ? AND s.expires_at > ? ORDER BY s.id DESC ${limit(most)}`,
    [userId, now],
  );
}

/** Does nothing when another request has written it meanwhile. */
export async function setSeen(
  sql: Statements,
  was: Session,
  seenAt: number,
  expiresAt: number,
): Promise<void> {
  await sql.execute(
    'UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id = ? AND last_seen_at = ?',
    [seenAt, expiresAt, was.id, was.lastSeenAt],
  );
}

/** Returns whether the user had such a session. */
export async function deleteSession(
  sql: Statements,
  userId: string,
  id: string,
  now: number,
): Promise<boolean> {
  const deleted = await sql.execute('DELETE FROM sessions WHERE id = ? AND user_id = ? AND expires_at > ?', [
    id,
    userId,
    now,
  ]);
  return deleted > 0;
}

export async function deleteSessionByToken(sql: Statements, tokenHash: string): Promise<void> {
  await sql.execute('DELETE FROM sessions WHERE token_hash = ?', [tokenHash]);
}

/** All of a user's sessions, but the one to keep. */
export async function deleteSessionsOf(sql: Statements, userId: string, keep?: string): Promise<void> {
  await sql.execute('DELETE FROM sessions WHERE user_id = ? AND id <> ?', [userId, keep ?? '']);
}

/** Ends what is older than the user's newest `keep` sessions. */
export async function deleteOldestSessions(sql: Statements, userId: string, keep: number): Promise<void> {
  const newest = await sql.query<{ id: string }>(
    `SELECT id FROM sessions WHERE user_id = ? ORDER BY id DESC ${limit(keep + 1)}`,
    [userId],
  );
  const tooOld = newest[keep];
  if (tooOld) await sql.execute('DELETE FROM sessions WHERE user_id = ? AND id <= ?', [userId, tooOld.id]);
}

export async function deleteExpiredSessions(sql: Statements, now: number): Promise<void> {
  await sql.execute('DELETE FROM sessions WHERE expires_at <= ?', [now]);
}
