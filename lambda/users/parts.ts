import type { Logger } from '../shared/runtime/log';
import type { Sql } from '../shared/sql/sql';
import { createDeletions, type OnDeleted } from './accounts/deletions';
import { createAccounts } from './accounts/service';
import { createPasswordLinks } from './password-links/service';
import { createPasswords, type Passwords } from './passwords';
import { createSessions } from './sessions/service';
import { createSessionCopies, noSessionCopies, type SessionCopiesOptions } from './sessions/session-copies';
import { createTouches, type TouchSession } from './sessions/session-touch';
import { shardsOf, type UserShards } from './sharding/user-shards';
import { createThrottle } from './throttle';

export interface PartsOptions {
  /** The schema `users`, migrated, or several of them. */
  readonly sql: Sql | UserShards;
  readonly log: Logger;
  /** Removes deleted users from other services. Without it, that waits for a process that has it. */
  readonly onDeleted?: OnDeleted;
  /** Default: this process stores it. */
  readonly touchSession?: TouchSession;
  /** The shared cache of session copies, and what this process does with them. Default: there are no copies. */
  readonly sessionCopies?: Pick<SessionCopiesOptions, 'cache' | 'access'> | undefined;
  /** Default: argon2id with OWASP's parameters. */
  readonly passwords?: Passwords;
  /** Epoch milliseconds. Default: this machine's clock. */
  readonly now?: () => number;
}

export type Parts = ReturnType<typeof createParts>;

/** The parts of the user service, and what they need of each other: all of it without routes. */
export function createParts({
  sql,
  log,
  onDeleted,
  sessionCopies,
  now = Date.now,
  ...options
}: PartsOptions) {
  const shards = shardsOf(sql);
  const touches = createTouches(shards, log);
  const { touchSession = touches.touch, passwords = createPasswords() } = options;
  const copies = sessionCopies
    ? createSessionCopies({ ...sessionCopies, log, now, stalenessMs: shards.stalenessMs })
    : noSessionCopies;
  const throttle = createThrottle(shards, now);
  const deletions = createDeletions({ shards, log, onDeleted, now });
  const sessions = createSessions({ shards, log, passwords, throttle, touchSession, copies, now });
  const accounts = createAccounts({ shards, log, passwords, throttle, deletions, copies, now });
  const passwordLinks = createPasswordLinks({ shards, log, passwords, throttle, copies, now });
  return { shards, touches, throttle, deletions, sessions, accounts, passwordLinks };
}
