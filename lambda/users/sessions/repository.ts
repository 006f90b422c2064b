import { inBatches } from '../../shared/sql/batches';
import { limit, type Sql, type SqlValue, type Statements } from '../../shared/sql/sql';
import type { Session, SessionIdentity } from './session';

const COLUMNS = `s.id, s.user_id AS userId, s.created_at AS createdAt, s.last_seen_at AS lastSeenAt,
  s.expires_at AS expiresAt`;

export async function insertSession(sql: Statements, session: Session, tokenHash: string): Promise<void> {
  const { id, userId, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  await sql.execute(
    `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [id, userId, tokenHash, userAgent, createdAt, lastSeenAt, expiresAt],
  );
}

export async function sessionByToken(
  sql: Statements,
  tokenHash: string,
  now: number,
): Promise<SessionIdentity | undefined> {
  const [row] = await sql.query<OwnedRow>(
    `SELECT ${COLUMNS}, u.role, u.email, u.name, u.created_at AS joinedAt
      FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.token_hash = ? AND s.expires_at > ?`,
    [tokenHash, now],
  );
  if (!row) return undefined;
  const { email, name, joinedAt, ...session } = row;
  const { userId: id, role } = session;
  return { ...session, profile: { id, email, name, role, createdAt: joinedAt } };
}

interface OwnedRow extends Omit<SessionIdentity, 'profile'> {
  readonly email: string;
  readonly name: string;
  /** Time of the registration, in epoch milliseconds. */
  readonly joinedAt: number;
}

/** Newest first. */
export function sessionsOf(sql: Statements, userId: string, now: number, most: number): Promise<Session[]> {
  return sql.query<Session>(
    `SELECT ${COLUMNS}, s.user_agent AS userAgent FROM sessions s WHERE s.user_id = ? AND s.expires_at > ?
      ORDER BY s.id DESC ${limit(most)}`,
    [userId, now],
  );
}

/** Does nothing if another request has already written it. */
export async function setSeen(
  sql: Statements,
  was: Pick<Session, 'id' | 'lastSeenAt'>,
  seenAt: number,
  expiresAt: number,
): Promise<void> {
  await sql.execute(
    'UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id = ? AND last_seen_at = ?',
    [seenAt, expiresAt, was.id, was.lastSeenAt],
  );
}

/** Of what is deleted, the hashes of tokens. */
type Deleted = Promise<string[]>;

/** Nothing if the user has no such session. */
export const deleteSession = (tx: Statements, userId: string, id: string, now: number): Deleted =>
  deleteWhere(tx, 'id = ? AND user_id = ? AND expires_at > ?', [id, userId, now]);

export async function deleteSessionByToken(sql: Statements, tokenHash: string): Promise<void> {
  await sql.execute('DELETE FROM sessions WHERE token_hash = ?', [tokenHash]);
}

/** Ends all sessions of a user except `keep`. */
export const deleteSessionsOf = (tx: Statements, userId: string, keep = ''): Deleted =>
  deleteWhere(tx, 'user_id = ? AND id <> ?', [userId, keep]);

/** Ends all but the user's newest `keep` sessions. */
export async function deleteOldestSessions(tx: Statements, userId: string, keep: number): Deleted {
  const newest = await tx.query<{ id: string }>(
    `SELECT id FROM sessions WHERE user_id = ? ORDER BY id DESC ${limit(keep + 1)}`,
    [userId],
  );
  const tooOld = newest[keep];
  return tooOld ? deleteWhere(tx, 'user_id = ? AND id <= ?', [userId, tooOld.id]) : [];
}

/** Log-ins of the user wait for the transaction, so that no session comes between the two statements. */
async function deleteWhere(tx: Statements, where: string, values: readonly SqlValue[]): Deleted {
  const found = await tx.query<{ tokenHash: string }>(
    `SELECT token_hash AS tokenHash FROM sessions WHERE ${where}`,
    values,
  );
  if (found.length > 0) await tx.execute(`DELETE FROM sessions WHERE ${where}`, values);
  return found.map(({ tokenHash }) => tokenHash);
}

export const deleteExpiredSessions = (sql: Sql, now: number): Promise<void> =>
  inBatches(sql, 'DELETE FROM sessions', {
    ...{ table: 'sessions', key: 'id', index: 'sessions_expiry' },
    ...{ where: 'expires_at <= ?', values: [now] },
  });
