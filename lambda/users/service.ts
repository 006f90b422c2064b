import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Identify } from '../shared/identity';
import type { Logger } from '../shared/log';
import { repeatedly } from '../shared/repeatedly';
import { limit, type Sql } from '../shared/sql';
import { createAccounts } from './accounts';
import type { ClientAddress } from './address';
import { usersApi } from './api';
import { createDeletions, type OnDeleted } from './deletions';
import { createPasswords, type Passwords } from './passwords';
import { Email } from './schemas';
import { type Seen, seenInSql } from './seen';
import { createSessions } from './sessions';
import { createThrottle } from './throttle';

const SWEEP_EVERY_MS = 60_000;

export interface UsersOptions {
  /** The schema `users`, migrated. */
  readonly sql: Sql;
  readonly log: Logger;
  readonly address: ClientAddress;
  /** Without it, what other services keep of deleted accounts waits for a process that has it. */
  readonly onDeleted?: OnDeleted;
  /** Default: stored by this process. */
  readonly seen?: Seen;
  /** Default: argon2id as OWASP says. */
  readonly passwords?: Passwords;
  /** Epoch milliseconds. Default: this machine's clock. */
  readonly now?: () => number;
}

export interface Users {
  readonly app: OpenAPIHono;
  readonly identify: Identify;
  /** Throws when the database does not answer. */
  ready(): Promise<void>;
  /** Makes the account with this e-mail a staff member's. @throws NoSuchAccountError */
  grantStaff(email: string): Promise<void>;
  /** Does all that is due: removes what expired, retries what is left of deleted accounts. */
  sweep(): Promise<void>;
  /** Sweeps about once a minute until the returned function is called. Any number of processes may. */
  background(): () => Promise<void>;
}

/** The user service as every host runs it. */
export function createUsers(options: UsersOptions): Users {
  const { sql, log, address, onDeleted, now = Date.now } = options;
  const { seen = seenInSql(sql), passwords = createPasswords() } = options;
  const throttle = createThrottle(sql, now);
  const deletions = createDeletions({ sql, log, onDeleted, now });
  const sessions = createSessions({ sql, log, passwords, throttle, seen, now });
  const accounts = createAccounts({ sql, log, passwords, throttle, deletions, now });
  const ready = async () => {
    await sql.query(`SELECT id FROM users ${limit(1)}`);
  };
  const jobs = [sessions.sweep, throttle.sweep, deletions.sweep];
  return {
    app: usersApi({ accounts, sessions, address, log, ready }),
    identify: sessions.identify,
    ready,
    grantStaff: (email) => {
      const { data: normalized = email } = Email.safeParse(email);
      return accounts.grantStaff(normalized);
    },
    sweep: async () => {
      for (const job of jobs) await job();
    },
    background: () => {
      const stops = jobs.map((job) => repeatedly(job, log, SWEEP_EVERY_MS));
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
  };
}
