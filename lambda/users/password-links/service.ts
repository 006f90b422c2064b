import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from '../../shared/runtime/log';
import type { Account } from '../accounts/account';
import { NoSuchAccountError } from '../accounts/errors';
import { accountById } from '../accounts/repository';
import { assertNotGuessable, type Passwords } from '../passwords';
import { deleteSessionsOf } from '../sessions/repository';
import { endingSessions, type SessionCopies } from '../sessions/session-copies';
import { accountWithEmail } from '../sharding/account-with-email';
import type { UserShards } from '../sharding/user-shards';
import type { Throttle } from '../throttle';
import { LinkVoidError } from './errors';
import { hasLink, setPassword, storeLink } from './repository';

const MINUTE = 60_000;
const LINK_MS = 30 * MINUTE;

interface NewLink {
  /** Only its hash is stored: nobody can read it again. */
  readonly token: string;
  readonly account: Account;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Links with which somebody who forgot the password sets another one (decision 0222). */
export interface PasswordLinks {
  /** Voids the account's link of before. @throws NoSuchAccountError, TooManyAttemptsError */
  make(staffId: string, email: string): Promise<NewLink>;
  /** Ends all sessions of the account. @throws LinkVoidError, GuessablePasswordError, TooManyAttemptsError or BusyError */
  use(given: { token: string; password: string }, address: string): Promise<void>;
}

interface PasswordLinksOptions {
  readonly shards: UserShards;
  readonly log: Logger;
  readonly passwords: Passwords;
  readonly throttle: Throttle;
  readonly copies: Pick<SessionCopies, 'end'>;
  readonly now: () => number;
}

export function createPasswordLinks(options: PasswordLinksOptions): PasswordLinks {
  const { shards, log, passwords, throttle, copies, now } = options;
  return {
    make: (staffId, email) =>
      throttle.makeLink(staffId, async () => {
        const account = await accountWithEmail(shards, email);
        if (!account) throw new NoSuchAccountError(`No account has the e-mail "${email}"`);
        const token = `${randomBytes(32).toString('base64url')}.${account.id}`;
        const expiresAt = now() + LINK_MS;
        const link = { hash: linkHash(token, account), expiresAt };
        if (!(await storeLink(shards.at(account.id), account, link)))
          throw new NoSuchAccountError(`The account with the e-mail "${email}" has just changed: try again`);
        log.warn({ userId: account.id, staffId }, 'password link made');
        return { token, account, expiresAt };
      }),

    use: ({ token, password }, address) => {
      const userId = token.slice(token.indexOf('.') + 1);
      return throttle.useLink(userId, address, async () => {
        const sql = shards.at(userId);
        const account = await accountById(sql, userId);
        const hash = account && linkHash(token, account);
        // Before the work of hashing a password, which strangers must not cause.
        if (!account || !hash || !(await hasLink(sql, userId, hash, now()))) throw linkVoid();
        assertNotGuessable(password, account);
        const passwordHash = await passwords.hash(password);
        await endingSessions(sql, copies, async (tx, ended) => {
          if (!(await setPassword(tx, account, { hash, passwordHash, now: now() }))) throw linkVoid();
          ended(await deleteSessionsOf(tx, userId));
        });
        log.warn({ userId }, 'password set by a link');
      });
    },
  };
}

/** With the password's own hash in it, a link ends when the password changes in any other way. */
const linkHash = (token: string, { passwordHash }: Account): string =>
  createHash('sha256').update(`${token} ${passwordHash}`).digest('hex');

const linkVoid = () =>
  new LinkVoidError('The link was used, or is older than half an hour: ask the shop for another one');
