import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ReadClientIp } from '../shared/http/client-ip';
import type { Identify } from '../shared/http/identity';
import { startPeriodicTask } from '../shared/jobs/periodic-task';
import type { Logger } from '../shared/runtime/log';
import { limit, type Sql } from '../shared/sql/sql';
import { createDeletions, type OnDeleted } from './accounts/deletions';
import { createAccounts } from './accounts/service';
import { usersApi } from './api';
import { createPasswordLinks } from './password-links/service';
import { createPasswords, type Passwords } from './passwords';
import { createSessions } from './sessions/service';
import { createSessionCopies, noSessionCopies, type SessionCopiesOptions } from './sessions/session-copies';
import { createTouches, type TouchSession } from './sessions/session-touch';
import { deleteOldClaims } from './sharding/directory';
import { namesOnShards } from './sharding/names-on-shards';
import { onEach } from './sharding/on-each';
import { shardsOf, type UserShards } from './sharding/user-shards';
import { grantStaff } from './staff';
import { createThrottle } from './throttle';

const SWEEP_EVERY_MS = 60_000;

export interface UsersOptions {
  /** The schema `users`, migrated, or several of them. */
  readonly sql: Sql | UserShards;
  readonly log: Logger;
  readonly clientIp: ReadClientIp;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
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

export interface Users {
  readonly app: OpenAPIHono;
  readonly identify: Identify;
  /** Rejects while the database does not answer. */
  ready(): Promise<void>;
  /** Names by user id; unknown users are left out. */
  names(userIds: readonly string[]): Promise<Record<string, string>>;
  /** Gives the account with this e-mail the role `staff`. @throws NoSuchAccountError */
  grantStaff(email: string): Promise<void>;
  /** Deletes expired rows and retries unfinished deletions of accounts. */
  sweep(): Promise<void>;
  /** Sweeps about once a minute and returns the stop function. Safe to run in several processes. */
  background(): () => Promise<void>;
}

/** The user service, the same on every host. */
export function createUsers(options: UsersOptions): Users {
  const { sql, log, clientIp, allowedOrigins, onDeleted, sessionCopies, now = Date.now } = options;
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
  /** A shard that does not answer is the concern of its users. */
  const ready = async () => {
    const answers = (await shards.each()).map((one) => one.query(`SELECT id FROM users ${limit(1)}`));
    await Promise.any(answers).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  };
  const sweepClaims = () => onEach(shards, (one) => deleteOldClaims(one, now()));
  const jobs = [sessions.sweep, throttle.sweep, deletions.sweep, sweepClaims];
  return {
    app: usersApi({ accounts, sessions, passwordLinks, clientIp, log, ready, allowedOrigins }),
    identify: sessions.identify,
    ready,
    names: (userIds) => namesOnShards(shards, userIds),
    grantStaff: (email) => grantStaff(shards, log, email),
    sweep: async () => {
      for (const job of jobs) await job();
    },
    background: () => {
      const sweeps = jobs.map((job) => startPeriodicTask(job, log, SWEEP_EVERY_MS));
      const stops = [...sweeps, touches.collect()];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
  };
}
