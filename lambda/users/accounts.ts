import { uuidv7 } from 'uuidv7';
import { NotLoggedInError } from '../shared/identity';
import type { Logger } from '../shared/log';
import { DuplicateKeyError, type Sql } from '../shared/sql';
import {
  type Account,
  accountByEmail,
  accountById,
  deleteAccount,
  insertAccount,
  replaceCredentials,
  setName,
  setRole,
} from './account-store';
import type { Deletions } from './deletions';
import { EmailTakenError, NoSuchAccountError, WrongPasswordError } from './errors';
import { assertNotGuessable, type Passwords } from './passwords';
import { deleteSessionsOf, type SessionIdentity } from './session-store';
import type { Throttle } from './throttle';

/** What is done to an account is done by who is logged in, in one of their sessions. */
type By = Pick<SessionIdentity, 'id' | 'userId'>;

export interface Accounts {
  /** @throws EmailTakenError, GuessablePasswordError, TooManyAttemptsError or BusyError */
  register(given: { email: string; password: string; name: string }, address: string): Promise<Account>;
  profile(by: By): Promise<Account>;
  rename(by: By, name: string): Promise<Account>;
  /** Ends all other sessions. @throws EmailTakenError, and as `remove` does */
  changeEmail(by: By, given: { email: string; password: string }): Promise<Account>;
  /** Ends all other sessions. @throws GuessablePasswordError, and as `remove` does */
  changePassword(by: By, given: { current: string; password: string }): Promise<void>;
  /** @throws WrongPasswordError, TooManyAttemptsError or BusyError */
  remove(by: By, password: string): Promise<void>;
  /** @throws NoSuchAccountError */
  grantStaff(email: string): Promise<void>;
}

interface AccountsOptions {
  readonly sql: Sql;
  readonly log: Logger;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly deletions: Deletions;
  readonly now: () => number;
}

export function createAccounts({ sql, log, passwords, throttle, deletions, now }: AccountsOptions): Accounts {
  /** The account can go between finding the session and reading the account. */
  const profile = async ({ userId }: By): Promise<Account> => {
    const account = await accountById(sql, userId);
    if (!account) throw new NotLoggedInError('The account was deleted');
    return account;
  };

  /** Runs work for who knows the account's password. */
  const confirmed = <Result>(by: By, password: string, work: (account: Account) => Promise<Result>) =>
    throttle.confirm(by.id, async () => {
      const account = await profile(by);
      if (!(await passwords.verify(account.passwordHash, password))) throw wrongPassword();
      return work(account);
    });

  const changeCredentials = async (by: By, account: Account, next: Account): Promise<void> => {
    await sql
      .transaction(async (tx) => {
        if (!(await replaceCredentials(tx, account, next))) throw wrongPassword();
        await deleteSessionsOf(tx, account.id, by.id);
      })
      .catch(emailTaken);
    log.info({ userId: account.id }, 'credentials changed');
  };

  return {
    register: ({ email, password, name }, address) =>
      throttle.register(address, async () => {
        assertNotGuessable(password, { email, name });
        if (await accountByEmail(sql, email)) throw new EmailTakenError(TAKEN);
        const passwordHash = await passwords.hash(password);
        const account: Account = {
          id: uuidv7(),
          email,
          name,
          role: 'customer',
          passwordHash,
          createdAt: now(),
        };
        await insertAccount(sql, account).catch(emailTaken);
        log.info({ userId: account.id }, 'registered');
        return account;
      }),

    profile,

    rename: async (by, name) => {
      await setName(sql, by.userId, name);
      return profile(by);
    },

    changeEmail: (by, { email, password }) =>
      confirmed(by, password, async (account) => {
        assertNotGuessable(password, { email, name: account.name });
        const changed = { ...account, email };
        await changeCredentials(by, account, changed);
        return changed;
      }),

    changePassword: (by, { current, password }) =>
      confirmed(by, current, async (account) => {
        assertNotGuessable(password, account);
        await changeCredentials(by, account, { ...account, passwordHash: await passwords.hash(password) });
      }),

    remove: async (by, password) => {
      await confirmed(by, password, (account) =>
        sql.transaction(async (tx) => {
          if (!(await deleteAccount(tx, account))) throw wrongPassword();
          await deleteSessionsOf(tx, account.id);
          await deletions.record(tx, account.id);
        }),
      );
      log.info({ userId: by.userId }, 'account deleted');
      await deletions.carryOut(by.userId);
    },

    grantStaff: async (email) => {
      const account = await accountByEmail(sql, email);
      if (!account) throw new NoSuchAccountError(`No account has the e-mail "${email}"`);
      await setRole(sql, account.id, 'staff');
      log.info({ userId: account.id }, 'became staff');
    },
  };
}

const TAKEN = 'Log in instead, or give another e-mail';

function emailTaken(error: unknown): never {
  throw error instanceof DuplicateKeyError ? new EmailTakenError(TAKEN) : error;
}

/** Also when it was right a moment ago and was changed meanwhile. */
const wrongPassword = () => new WrongPasswordError("This is not the account's password");
