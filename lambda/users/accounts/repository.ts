import type { Role } from '../../shared/http/identity';
import { among } from '../../shared/sql/bulk-sql';
import type { Statements } from '../../shared/sql/sql';
import type { Account } from './account';

const COLUMNS = 'id, email, name, role, password_hash AS passwordHash, created_at AS createdAt';

/** @throws DuplicateKeyError if an account has this e-mail */
export async function insertAccount(sql: Statements, account: Account): Promise<void> {
  const { id, email, name, role, passwordHash, createdAt } = account;
  await sql.execute(
    'INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    [id, email, name, role, passwordHash, createdAt],
  );
}

export async function accountByEmail(sql: Statements, email: string): Promise<Account | undefined> {
  const [account] = await sql.query<Account>(`SELECT ${COLUMNS} FROM users WHERE email = ?`, [email]);
  return account;
}

export async function accountById(sql: Statements, id: string): Promise<Account | undefined> {
  const [account] = await sql.query<Account>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [id]);
  return account;
}

/** Unknown ids are left out. */
export async function namesOf(sql: Statements, ids: readonly string[]): Promise<Record<string, string>> {
  if (ids.length === 0) return {};
  const given = among(ids);
  const rows = await sql.query<Pick<Account, 'id' | 'name'>>(
    `SELECT id, name FROM users WHERE id ${given.sql}`,
    given.values,
  );
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}

export async function setName(sql: Statements, id: string, name: string): Promise<void> {
  await sql.execute('UPDATE users SET name = ? WHERE id = ?', [name, id]);
}

export async function setRole(sql: Statements, id: string, role: Role): Promise<void> {
  await sql.execute('UPDATE users SET role = ? WHERE id = ?', [role, id]);
}

type Credentials = Pick<Account, 'email' | 'passwordHash'>;

/**
 * Replaces the credentials; false if they changed since they were verified.
 * Within a transaction it also locks the account's row, which serializes log-ins and changes of credentials.
 * @throws DuplicateKeyError if an account has the new e-mail
 */
export async function replaceCredentials(
  sql: Statements,
  verified: Account,
  next: Credentials,
): Promise<boolean> {
  const replaced = await sql.execute(
    'UPDATE users SET email = ?, password_hash = ? WHERE id = ? AND email = ? AND password_hash = ?',
    [next.email, next.passwordHash, verified.id, verified.email, verified.passwordHash],
  );
  return replaced > 0;
}

/** Deletes the account; false if the password changed since it was verified. */
export async function deleteAccount(sql: Statements, verified: Account): Promise<boolean> {
  const { id, passwordHash } = verified;
  return (await sql.execute('DELETE FROM users WHERE id = ? AND password_hash = ?', [id, passwordHash])) > 0;
}
