import type { Statements } from '../../shared/sql/sql';
import type { Account } from '../accounts/account';

export interface StoredLink {
  /** Of the token and the password that it replaces. */
  readonly hash: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Replaces the account's link of before. False if the password changed since the account was read. */
export async function storeLink(sql: Statements, account: Account, link: StoredLink): Promise<boolean> {
  const stored = await sql.execute(
    'UPDATE users SET link_hash = ?, link_expires_at = ? WHERE id = ? AND password_hash = ?',
    [link.hash, link.expiresAt, account.id, account.passwordHash],
  );
  return stored > 0;
}

export async function hasLink(sql: Statements, userId: string, hash: string, now: number): Promise<boolean> {
  const found = await sql.query(
    'SELECT id FROM users WHERE id = ? AND link_hash = ? AND link_expires_at > ?',
    [userId, hash, now],
  );
  return found.length > 0;
}

/** Replaces the password and uses the link up, together; false if the link is void by now. */
export async function setPassword(
  tx: Statements,
  account: Account,
  { hash, passwordHash, now }: { readonly hash: string; readonly passwordHash: string; readonly now: number },
): Promise<boolean> {
  const changed = await tx.execute(
    `UPDATE users SET password_hash = ?, link_hash = NULL, link_expires_at = NULL
     WHERE id = ? AND password_hash = ? AND link_hash = ? AND link_expires_at > ?`,
    [passwordHash, account.id, account.passwordHash, hash, now],
  );
  return changed > 0;
}
