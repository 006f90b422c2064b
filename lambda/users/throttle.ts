import { createHash } from 'node:crypto';
import { ipPrefixes } from '../shared/http/ip-prefix';
import { inBatches } from '../shared/sql/batches';
import { DuplicateKeyError, type Sql, type Statements } from '../shared/sql/sql';
import { EmailTakenError, WrongPasswordError } from './accounts/errors';
import { TooManyAttemptsError } from './errors';
import { LinkVoidError } from './password-links/errors';
import { WrongCredentialsError } from './sessions/errors';
import { onEach } from './sharding/on-each';
import type { UserShards } from './sharding/user-shards';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface Budget {
  readonly counts: string;
  /** The most attempts that may be charged at once. */
  readonly tries: number;
  /** Milliseconds until one of them is refilled. */
  readonly refillMs: number;
  /** The attempts that are charged for good. Default: wrong guesses. */
  readonly charges?: Ending;
  /** Why there is nothing left, for people. */
  readonly because?: string;
}

/** The outcome of an attempt; undefined if it failed for a reason other than a wrong guess. */
type Ending = 'guess' | 'success' | undefined;

/** Decision 0050 explains each budget and its numbers. */
const DEVICE: Budget = { counts: 'device', tries: 10, refillMs: 5 * MINUTE };
const PAIR: Budget = { counts: 'pair', tries: 10, refillMs: 15 * MINUTE };
const PAIR_UNDER_ATTACK: Budget = { counts: 'pair', tries: 1, refillMs: 60 * MINUTE };
const ACCOUNT: Budget = { counts: 'account', tries: 50, refillMs: 6 * MINUTE };
const NETWORK: Budget = { counts: 'network', tries: 100, refillMs: 30 * SECOND };
const SESSION: Budget = { counts: 'session', tries: 10, refillMs: 5 * MINUTE };
const NEWCOMERS: Budget = {
  counts: 'newcomers',
  tries: 30,
  refillMs: 2 * MINUTE,
  charges: 'success',
  because: 'Many accounts were made from your network lately. ',
};

const LINKS: Budget = {
  counts: 'links',
  tries: 20,
  refillMs: 3 * MINUTE,
  charges: 'success',
  because: 'You made many password links lately. ',
};

/** Failures that give an attacker information. Other failures do not count as attempts. */
const GUESSES = [WrongCredentialsError, WrongPasswordError, EmailTakenError, LinkVoidError];

type Work<Result> = () => Promise<Result>;

/**
 * Runs work that may fail because of a wrong guess. Each attempt is charged before the work, so that concurrent guesses
 * count, and refunded unless its outcome is one that the budget charges. `key` is that of the user: each shard counts by
 * itself, so that one that is away concerns nobody else.
 * @throws TooManyAttemptsError without running the work
 */
export interface Throttle {
  /** `device`: a proven one, which attempts from elsewhere do not slow down. */
  logIn<R>(
    key: string,
    who: { email: string; address: string; device: string | undefined },
    work: Work<R>,
  ): Promise<R>;
  /** Registering reveals if an e-mail has an account, and creates one. */
  register<R>(key: string, address: string, work: Work<R>): Promise<R>;
  /** Changing an e-mail within a session: it confirms the password, and reveals the same as registering. */
  changeEmail<R>(key: string, sessionId: string, address: string, work: Work<R>): Promise<R>;
  /** Confirming a password within a session. */
  confirm<R>(key: string, sessionId: string, work: Work<R>): Promise<R>;
  /** A password link, made by somebody of staff. */
  makeLink<R>(staffId: string, work: Work<R>): Promise<R>;
  /** Setting a password with a link. */
  useLink<R>(key: string, address: string, work: Work<R>): Promise<R>;
  /** Deletes the budgets that are full again. */
  sweep(): Promise<void>;
}

export function createThrottle(shards: UserShards, now: () => number): Throttle {
  const guarded = async <R>(
    key: string,
    pay: (purse: TokenBuckets) => Promise<void>,
    work: Work<R>,
  ): Promise<R> => {
    const sql = shards.at(key);
    const paid = await sql.transaction(async (tx) => {
      const purse = openTokenBuckets(tx, now());
      await pay(purse);
      return purse.paid;
    });
    const settle = (ending: Ending) =>
      giveBack(
        sql,
        paid.filter(({ charges }) => charges !== ending),
      );
    try {
      const result = await work();
      await settle('success');
      return result;
    } catch (error) {
      await settle(GUESSES.some((guess) => error instanceof guess) ? 'guess' : undefined);
      throw error;
    }
  };

  return {
    logIn: (key, { email, address, device }, work) =>
      guarded(
        key,
        async (purse) => {
          if (device !== undefined) return purse.pay(DEVICE, email, device);
          const { near, wide } = ipPrefixes(address);
          // Always in this order, which prevents deadlocks.
          const underAttack = (await purse.tryToPay(ACCOUNT, email)) > 0;
          await purse.pay(underAttack ? PAIR_UNDER_ATTACK : PAIR, email, near);
          await purse.pay(NETWORK, wide);
        },
        work,
      ),
    register: (key, address, work) =>
      guarded(
        key,
        async (purse) => {
          const { wide } = ipPrefixes(address);
          await purse.pay(NETWORK, wide);
          await purse.pay(NEWCOMERS, wide);
        },
        work,
      ),
    changeEmail: (key, sessionId, address, work) =>
      guarded(
        key,
        async (purse) => {
          await purse.pay(SESSION, sessionId);
          await purse.pay(NETWORK, ipPrefixes(address).wide);
        },
        work,
      ),
    confirm: (key, sessionId, work) => guarded(key, (purse) => purse.pay(SESSION, sessionId), work),
    makeLink: (staffId, work) => guarded(staffId, (purse) => purse.pay(LINKS, staffId), work),
    useLink: (key, address, work) =>
      guarded(key, (purse) => purse.pay(NETWORK, ipPrefixes(address).wide), work),
    sweep: () =>
      onEach(shards, (sql) =>
        inBatches(sql, 'DELETE FROM attempts', {
          ...{ table: 'attempts', key: 'budget', index: 'attempts_whole' },
          ...{ where: 'whole_at < ?', values: [now()] },
        }),
      ),
  };
}

interface TokenBuckets {
  readonly paid: { key: string; ms: number; charges: Ending }[];
  /** Takes one try and returns 0, or takes none and returns the milliseconds until there is one. */
  tryToPay(budget: Budget, ...of: string[]): Promise<number>;
  /** @throws TooManyAttemptsError */
  pay(budget: Budget, ...of: string[]): Promise<void>;
}

function openTokenBuckets(tx: Statements, now: number): TokenBuckets {
  const paid: TokenBuckets['paid'] = [];
  const tryToPay: TokenBuckets['tryToPay'] = async (budget, ...of) => {
    const key = createHash('sha256')
      .update(JSON.stringify([budget.counts, ...of]))
      .digest('hex');
    const wait = await take(tx, key, budget, now);
    if (wait === 0) paid.push({ key, ms: budget.refillMs, charges: budget.charges ?? 'guess' });
    return wait;
  };
  return {
    paid,
    tryToPay,
    pay: async (budget, ...of) => {
      const wait = await tryToPay(budget, ...of);
      if (wait === 0) return;
      const seconds = Math.ceil(wait / SECOND);
      throw new TooManyAttemptsError(`${budget.because ?? ''}Try again in ${seconds} seconds`, seconds);
    },
  };
}

/**
 * A budget is stored as one number, the time at which it is full again. Each attempt moves that time by `refillMs`.
 * An attempt is available while the time is less than `tries * refillMs` ahead.
 */
async function take(tx: Statements, key: string, budget: Budget, now: number): Promise<number> {
  const { tries, refillMs } = budget;
  const latest = now + (tries - 1) * refillMs;
  const taken = await tx.execute(
    `UPDATE attempts SET whole_at = CASE WHEN whole_at > ? THEN whole_at ELSE ? END + ?
      WHERE budget = ? AND whole_at <= ?`,
    [now, now, refillMs, key, latest],
  );
  if (taken > 0) return 0;
  const [row] = await tx.query<{ wholeAt: number }>(
    'SELECT whole_at AS wholeAt FROM attempts WHERE budget = ?',
    [key],
  );
  if (row && row.wholeAt > latest) return row.wholeAt - latest;
  const isNew = !row && (await inserted(tx, key, now + refillMs));
  // Otherwise a concurrent request has just inserted the row or refunded an attempt.
  return isNew ? 0 : take(tx, key, budget, now);
}

async function inserted(tx: Statements, key: string, wholeAt: number): Promise<boolean> {
  try {
    await tx.execute('INSERT INTO attempts (budget, whole_at) VALUES (?, ?)', [key, wholeAt]);
    return true;
  } catch (error) {
    if (error instanceof DuplicateKeyError) return false;
    throw error;
  }
}

async function giveBack(sql: Sql, paid: TokenBuckets['paid']): Promise<void> {
  for (const { key, ms } of paid) {
    await sql.execute('UPDATE attempts SET whole_at = whole_at - ? WHERE budget = ?', [ms, key]);
  }
}
