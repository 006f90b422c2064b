import type { Role } from '../../shared/http/identity';
import type { User } from './schemas';

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

/** All of an account that its owner may see. */
export type Profile = Omit<Account, 'passwordHash'>;

/** The account as the API returns it to its owner. */
export const accountJson = ({ id, email, name, role, createdAt }: Profile): User => ({
  id,
  email,
  name,
  role,
  createdAt: new Date(createdAt).toISOString(),
});
