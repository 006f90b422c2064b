import { uuidv7 } from 'uuidv7';
import type { Logger } from '../shared/log';
import type { Sql } from '../shared/sql';
import { type Account, accountByEmail, replaceCredentials } from './account-store';
import { NoSuchSessionError, WrongCredentialsError } from './errors';
import type { Passwords } from './passwords';
import { expiry, type Seen } from './seen';
import {
  deleteExpiredSessions,
  deleteOldestSessions,
  deleteSession,
  deleteSessionByToken,
  insertSession,
  type Session,
  type SessionIdentity,
  sessionByToken,
  sessionsOf,
} from './session-store';
import type { Throttle } from './throttle';
import { deviceCookie, newDevice, newToken, provenDevice, tokenHash } from './tokens';

const HOUR = 3_600_000;
/** Reads stay reads: that a session was seen is written at most this often. */
const SEEN_EVERY_MS = HOUR;
/** The oldest ends when somebody has more. */
const MOST_SESSIONS = 100;
const USER_AGENT_LENGTH = 200;

interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent: string | undefined;
  /** What the client kept from an earlier log-in on this device. */
  readonly deviceCookie: string | undefined;
  /** The token that the client holds already; its session ends. */
  readonly replaces: string | undefined;
}

interface LoggedIn {
  readonly account: Account;
  readonly session: Session;
  readonly token: string;
  readonly deviceCookie: string;
}

export interface Sessions {
  /** @throws WrongCredentialsError, TooManyAttemptsError or BusyError */
  logIn(logIn: LogIn): Promise<LoggedIn>;
  identify(token: string): Promise<SessionIdentity | undefined>;
  /** Newest first. */
  list(userId: string): Promise<Session[]>;
  /** @throws NoSuchSessionError */
  end(userId: string, sessionId: string): Promise<void>;
  logOut(token: string): Promise<void>;
  sweep(): Promise<void>;
}

interface SessionsOptions {
  readonly sql: Sql;
  readonly log: Logger;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly seen: Seen;
  readonly now: () => number;
}

export function createSessions({ sql, log, passwords, throttle, seen, now }: SessionsOptions): Sessions {
  /** One answer, and equal time, whether the e-mail is unknown or the password wrong. */
  const verified = async (found: Account | undefined, password: string): Promise<Account> => {
    const matches = await passwords.verify(found?.passwordHash, password);
    if (matches && found) return found;
    log.warn({ userId: found?.id }, 'log-in refused');
    throw new WrongCredentialsError('No account has this e-mail and password');
  };

  const open = async (account: Account, passwordHash: string, logIn: LogIn) => {
    const token = newToken();
    const session = newSession(account.id, logIn.userAgent, now());
    await sql.transaction(async (tx) => {
      const same = await replaceCredentials(tx, account, { email: account.email, passwordHash });
      if (!same) throw new WrongCredentialsError('The e-mail or password was changed in this moment');
      if (logIn.replaces !== undefined) await deleteSessionByToken(tx, tokenHash(logIn.replaces));
      await insertSession(tx, session, tokenHash(token));
      await deleteOldestSessions(tx, account.id, MOST_SESSIONS);
    });
    log.info({ userId: account.id, sessionId: session.id }, 'logged in');
    return { session, token };
  };

  return {
    logIn: async (logIn) => {
      const { email, password, address } = logIn;
      const found = await accountByEmail(sql, email);
      const device = found && provenDevice(logIn.deviceCookie, found.passwordHash);
      return throttle.logIn({ email, address, device }, async () => {
        const account = await verified(found, password);
        const { passwordHash: old } = account;
        const passwordHash = passwords.isOutdated(old) ? await passwords.hash(password) : old;
        const opened = await open(account, passwordHash, logIn);
        return { account, ...opened, deviceCookie: deviceCookie(device ?? newDevice(), passwordHash) };
      });
    },

    identify: async (token) => {
      const at = now();
      const session = await sessionByToken(sql, tokenHash(token), at);
      if (session && at - session.lastSeenAt >= SEEN_EVERY_MS) {
        // A database that only reads for a while must not log anybody out.
        await seen(session, token, at).catch((error: unknown) =>
          log.warn({ err: error }, 'could not store that a session was seen'),
        );
      }
      return session;
    },

    list: (userId) => sessionsOf(sql, userId, now(), MOST_SESSIONS),

    end: async (userId, sessionId) => {
      const ended = await deleteSession(sql, userId, sessionId, now());
      if (!ended) throw new NoSuchSessionError('It has ended, or it never was yours');
    },

    logOut: (token) => deleteSessionByToken(sql, tokenHash(token)),

    sweep: () => deleteExpiredSessions(sql, now()),
  };
}

function newSession(userId: string, userAgent: string | undefined, at: number): Session {
  return {
    id: uuidv7(),
    userId,
    userAgent: userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
    createdAt: at,
    lastSeenAt: at,
    expiresAt: expiry(at, at),
  };
}
