import { uuidv7 } from 'uuidv7';
import type { Identify } from '../../shared/http/identity';
import type { Logger } from '../../shared/runtime/log';
import { freshly } from '../../shared/sql/freshly';
import type { Sql, Statements } from '../../shared/sql/sql';
import type { Account } from '../accounts/account';
import { replaceCredentials } from '../accounts/repository';
import type { Passwords } from '../passwords';
import { accountWithEmail } from '../sharding/account-with-email';
import { bucketOf } from '../sharding/buckets';
import { onEach } from '../sharding/on-each';
import type { UserShards } from '../sharding/user-shards';
import type { Throttle } from '../throttle';
import { NoSuchSessionError, WrongCredentialsError } from './errors';
import {
  deleteExpiredSessions,
  deleteOldestSessions,
  deleteSession,
  deleteSessionByToken,
  insertSession,
  sessionByToken,
  sessionsOf,
} from './repository';
import type { Session, SessionIdentity } from './session';
import { endingSessions, type SessionCopies } from './session-copies';
import { expiry, type TouchSession } from './session-touch';
import {
  bucketOfToken,
  deviceCookie,
  newDevice,
  newToken,
  provenDevice,
  tokenHash,
  withBucket,
} from './tokens';

const HOUR = 3_600_000;
/** `lastSeenAt` is written at most this often, so that reads stay reads. */
const TOUCH_INTERVAL_MS = HOUR;
/** Per user; a new session beyond this ends the oldest. */
const MAX_SESSIONS = 100;
const USER_AGENT_LENGTH = 200;

interface LogIn {
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent: string | undefined;
  /** The client's cookie from an earlier log-in on this device. */
  readonly deviceCookie: string | undefined;
  /** The client's current token; its session ends. */
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
  identify: Identify<SessionIdentity>;
  /** The token by which the session is found without asking every shard; undefined if this one is so already. */
  reissued(token: string, userId: string): Promise<string | undefined>;
  /** Newest first. */
  list(userId: string): Promise<Session[]>;
  /** @throws NoSuchSessionError */
  end(userId: string, sessionId: string): Promise<void>;
  logOut(token: string): Promise<void>;
  sweep(): Promise<void>;
}

interface SessionsOptions {
  readonly shards: UserShards;
  readonly log: Logger;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly touchSession: TouchSession;
  readonly copies: SessionCopies;
  readonly now: () => number;
}

export function createSessions({
  shards,
  log,
  passwords,
  throttle,
  touchSession,
  copies,
  now,
}: SessionsOptions): Sessions {
  /** Gives the same answer, in the same time, for an unknown e-mail and for a wrong password. */
  const verified = async (found: Account | undefined, password: string): Promise<Account> => {
    const matches = await passwords.verify(found?.passwordHash, password);
    if (matches && found) return found;
    log.warn({ userId: found?.id }, 'log-in refused');
    throw new WrongCredentialsError('No account has this e-mail and password');
  };

  /** The schema with a session; that of the first shard if no shard has it. */
  const ofToken = async (token: string): Promise<Sql> => {
    const bucket = bucketOfToken(token);
    if (bucket !== undefined) return shards.atBucket(bucket);
    const all = await shards.undivided();
    if (all) return all;
    const session = await fromAny(token);
    return session ? shards.at(session.userId) : shards.atBucket(0);
  };
  /** Tokens of before there were buckets, thirty days at most, ask every shard. One that is away may have the session. */
  const fromAny = async (token: string) => {
    let failure: unknown;
    for (const sql of await shards.each()) {
      try {
        const session = await sessionByToken(sql, tokenHash(token), now());
        if (session) return session;
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure) throw failure;
    return undefined;
  };

  const open = async (account: Account, passwordHash: string, logIn: LogIn) => {
    const token = newToken(bucketOf(account.id));
    const session = newSession(account.id, logIn.userAgent, now());
    const { replaces } = logIn;
    // A session of another user may be in another shard.
    const apart = replaces !== undefined && bucketOfToken(replaces) !== bucketOf(account.id);
    await endingSessions(shards.at(account.id), copies, async (tx, ended) => {
      const same = await replaceCredentials(tx, account, { email: account.email, passwordHash });
      if (!same) throw new WrongCredentialsError('The e-mail or password was changed during the log-in');
      if (replaces !== undefined && !apart) await end(replaces)(tx, ended);
      await insertSession(tx, session, tokenHash(token));
      ended(await deleteOldestSessions(tx, account.id, MAX_SESSIONS));
    });
    if (apart) await endingSessions(await ofToken(replaces), copies, end(replaces));
    log.info({ userId: account.id, sessionId: session.id }, 'logged in');
    return { session, token };
  };

  return {
    logIn: async (logIn) => {
      const { email, password, address } = logIn;
      const found = await accountWithEmail(shards, email);
      const device = found && provenDevice(logIn.deviceCookie, found.passwordHash);
      return throttle.logIn(found?.id ?? email, { email, address, device }, async () => {
        const account = await verified(found, password);
        const { passwordHash: old } = account;
        const passwordHash = passwords.isOutdated(old) ? await passwords.hash(password) : old;
        const opened = await open(account, passwordHash, logIn);
        return { account, ...opened, deviceCookie: deviceCookie(device ?? newDevice(), passwordHash) };
      });
    },

    identify: async (token, from) => {
      const at = now();
      const hash = tokenHash(token);
      const load = async () => sessionByToken(await ofToken(token), hash, at);
      const session = await (from === 'record' ? freshly(load) : copies.find(hash, load));
      if (session && at - session.lastSeenAt >= TOUCH_INTERVAL_MS) {
        // A database that is read-only for a while must not end sessions.
        await touchSession(session, token, at).catch((error: unknown) =>
          log.warn({ err: error }, 'could not store the last use of a session'),
        );
      }
      return session;
    },

    // Before users are divided, hosts of the release before may answer too, who do not know such tokens.
    reissued: async (token, userId) =>
      bucketOfToken(token) === undefined && !(await shards.undivided())
        ? withBucket(token, bucketOf(userId))
        : undefined,

    list: (userId) => sessionsOf(shards.at(userId), userId, now(), MAX_SESSIONS),

    end: (userId, sessionId) =>
      endingSessions(shards.at(userId), copies, async (tx, ended) => {
        const hashes = await deleteSession(tx, userId, sessionId, now());
        if (hashes.length === 0)
          throw new NoSuchSessionError('The session has ended or belongs to another account');
        ended(hashes);
      }),

    logOut: async (token) => endingSessions(await ofToken(token), copies, end(token)),

    sweep: () => onEach(shards, (sql) => deleteExpiredSessions(sql, now())),
  };
}

/** Also for a token without a session: a log-out is repeated when its outcome is unknown. */
const end =
  (token: string) =>
  async (tx: Statements, ended: (tokenHashes: readonly string[]) => void): Promise<void> => {
    const hash = tokenHash(token);
    await deleteSessionByToken(tx, hash);
    ended([hash]);
  };

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
