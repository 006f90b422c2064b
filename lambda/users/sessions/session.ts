import type { Identity } from '../../shared/http/identity';
import type { Profile } from '../accounts/account';

/** One log-in. Times in epoch milliseconds. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly userAgent: string | null;
  readonly createdAt: number;
  /** Up to one hour old. */
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

/** The session of a request, with its user. */
export interface SessionIdentity extends Identity, Omit<Session, 'userAgent'> {
  /** The user's account, if the session comes from SQL and not from a copy: it was read with the same statement. */
  readonly profile?: Profile;
}
