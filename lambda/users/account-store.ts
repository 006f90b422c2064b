import type { Role } from '../shared/identity';
import type { Statements } from '../shared/sql';

export interface Account {
  readonly id: string;
  /** Normalized, unique. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** PHC form. */
  readonly passwordHash: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

const COLUMNS = 'id, email, name, role, password_hash AS passwordHash, created_at AS createdAt';

/** @throws DuplicateKeyError when the e-mail has an account */
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

export async function setName(sql: Statements, id: string, name: string): Promise<void> {
  await sql.execute('UPDATE users SET name = ? WHERE id = ?', [name, id]);
}

export async function setRole(sql: Statements, id: string, role: Role): Promise<void> {
  await sql.execute('UPDATE users SET role = ? WHERE id = ?', [role, id]);
}

type Credentials = Pick<Account, 'email' | 'passwordHash'>;

/**
 * Stores other credentials unless they changed since they were verified, and returns whether it did.
 * In a transaction it also holds the account's row, so that log-ins and changes of credentials take turns.
 * @throws DuplicateKeyError when the new e-mail has an account
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

/** Returns whether it deleted: not when the password changed since it was verified. */
export async function deleteAccount(sql: Statements, verified: Account): Promise<boolean> {
  const { id, passwordHash } = verified;
  return (await sql.execute('DELETE FROM users WHERE id = ? AND password_hash = ?', [id, passwordHash])) > 0;
}
