import { uuidv7 } from 'uuidv7';
import { NotLoggedInError } from '../../shared/http/identity';
import type { Logger } from '../../shared/runtime/log';
import { DuplicateKeyError, type Statements } from '../../shared/sql/sql';
import { assertNotGuessable, type Passwords } from '../passwords';
import { deleteSessionsOf } from '../sessions/repository';
import type { SessionIdentity } from '../sessions/session';
import { endingSessions, type SessionCopies } from '../sessions/session-copies';
import { accountWithEmail } from '../sharding/account-with-email';
import { ClaimVoidError, useClaim } from '../sharding/directory';
import type { UserShards } from '../sharding/user-shards';
import type { Throttle } from '../throttle';
import type { Account, Profile } from './account';
import type { Deletions } from './deletions';
import { EmailTakenError, WrongPasswordError } from './errors';
import { accountById, deleteAccount, insertAccount, replaceCredentials, setName } from './repository';

/** The session in which an account's owner acts on it. */
type By = Pick<SessionIdentity, 'id' | 'userId' | 'profile'>;

export interface Accounts {
  /** @throws EmailTakenError, GuessablePasswordError, TooManyAttemptsError or BusyError */
  register(given: { email: string; password: string; name: string }, address: string): Promise<Account>;
  profile(by: By): Promise<Profile>;
  rename(by: By, name: string): Promise<Account>;
  /** Ends all other sessions. @throws EmailTakenError, and as `remove` does */
  changeEmail(by: By, given: { email: string; password: string }, address: string): Promise<Account>;
  /** Ends all other sessions. @throws GuessablePasswordError, and as `remove` does */
  changePassword(by: By, given: { current: string; password: string }): Promise<void>;
  /** @throws WrongPasswordError, TooManyAttemptsError or BusyError */
  remove(by: By, password: string): Promise<void>;
}

interface AccountsOptions {
  readonly shards: UserShards;
  readonly log: Logger;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly deletions: Deletions;
  readonly copies: Pick<SessionCopies, 'end'>;
  readonly now: () => number;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { shards, log, passwords, throttle, deletions, copies, now } = options;
  /** The account may be deleted between the look-ups of the session and of the account. */
  const accountOf = async ({ userId }: By): Promise<Account> => {
    const account = await accountById(shards.at(userId), userId);
    if (!account) throw new NotLoggedInError('The account was deleted');
    return account;
  };

  /** Runs work for a person who knows the account's password. */
  const confirming =
    <Result>(by: By, password: string, work: (account: Account) => Promise<Result>) =>
    async (): Promise<Result> => {
      const account = await accountOf(by);
      if (!(await passwords.verify(account.passwordHash, password))) throw wrongPassword();
      return work(account);
    };
  const confirmed = <Result>(by: By, password: string, work: (account: Account) => Promise<Result>) =>
    throttle.confirm(by.userId, by.id, confirming(by, password, work));

  /** Reserves an e-mail across shards. The returned work is part of the transaction that stores it. */
  const reserving = async (email: string, userId: string) => {
    const directory = await shards.directory();
    if (!directory) return async () => undefined;
    const claim = await directory.claim(email, userId);
    if (claim === undefined) throw new EmailTakenError(TAKEN);
    return (tx: Statements) => useClaim(tx, claim, userId, now());
  };
  /** A claim that cannot be released is void by itself, and the next one who asks gets the e-mail. */
  const release = async (email: string, userId: string) => {
    try {
      await (await shards.directory())?.release(email, userId);
    } catch (error) {
      log.warn({ err: error, userId }, 'could not release an e-mail');
    }
  };

  const changeCredentials = async (by: By, account: Account, next: Account): Promise<void> => {
    const isMoved = next.email !== account.email;
    const useEmail = isMoved ? await reserving(next.email, account.id) : undefined;
    await endingSessions(shards.at(account.id), copies, async (tx, ended) => {
      await useEmail?.(tx);
      if (!(await replaceCredentials(tx, account, next))) throw wrongPassword();
      ended(await deleteSessionsOf(tx, account.id, by.id));
    }).catch(emailTaken);
    if (isMoved) await release(account.email, account.id);
    log.info({ userId: account.id }, 'credentials changed');
  };

  const insert = async (account: Account): Promise<void> => {
    const sql = shards.at(account.id);
    if (!(await shards.directory())) return insertAccount(sql, account);
    const useEmail = await reserving(account.email, account.id);
    await sql.transaction(async (tx) => {
      await useEmail(tx);
      await insertAccount(tx, account);
    });
  };

  return {
    register: ({ email, password, name }, address) => {
      const id = uuidv7();
      return throttle.register(id, address, async () => {
        assertNotGuessable(password, { email, name });
        if (await accountWithEmail(shards, email)) throw new EmailTakenError(TAKEN);
        const passwordHash = await passwords.hash(password);
        const account: Account = {
          id,
          email,
          name,
          role: 'customer',
          passwordHash,
          createdAt: now(),
        };
        await insert(account).catch(emailTaken);
        log.info({ userId: account.id }, 'registered');
        return account;
      });
    },

    profile: async (by) => by.profile ?? accountOf(by),

    rename: async (by, name) => {
      await setName(shards.at(by.userId), by.userId, name);
      return accountOf(by);
    },

    changeEmail: (by, { email, password }, address) => {
      const change = confirming(by, password, async (account) => {
        assertNotGuessable(password, { email, name: account.name });
        const changed = { ...account, email };
        await changeCredentials(by, account, changed);
        return changed;
      });
      return throttle.changeEmail(by.userId, by.id, address, change);
    },

    changePassword: (by, { current, password }) =>
      confirmed(by, current, async (account) => {
        assertNotGuessable(password, account);
        await changeCredentials(by, account, { ...account, passwordHash: await passwords.hash(password) });
      }),

    remove: async (by, password) => {
      const { email } = await accountOf(by);
      await confirmed(by, password, (account) =>
        endingSessions(shards.at(account.id), copies, async (tx, ended) => {
          if (!(await deleteAccount(tx, account))) throw wrongPassword();
          ended(await deleteSessionsOf(tx, account.id));
          await deletions.record(tx, account.id);
        }),
      );
      await release(email, by.userId);
      log.info({ userId: by.userId }, 'account deleted');
      await deletions.carryOut(by.userId);
    },
  };
}

const TAKEN = 'An account with this e-mail exists: log in, or use another e-mail';

function emailTaken(error: unknown): never {
  throw error instanceof DuplicateKeyError || error instanceof ClaimVoidError
    ? new EmailTakenError(TAKEN)
    : error;
}

/** Also thrown when the password was changed after it was verified. */
const wrongPassword = () => new WrongPasswordError('The password does not match this account');
