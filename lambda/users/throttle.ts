import { createHash } from 'node:crypto';
import { DuplicateKeyError, type Sql, type Statements } from '../shared/sql';
import { EmailTakenError, TooManyAttemptsError, WrongCredentialsError, WrongPasswordError } from './errors';
import { networkOf } from './network';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface Budget {
  readonly counts: string;
  /** How many attempts may fail at once. */
  readonly tries: number;
  /** After how many milliseconds one of them is given back. */
  readonly refillMs: number;
}

/** docs/decisions/0050: who is slowed down by whom, and why these numbers. */
const DEVICE: Budget = { counts: 'device', tries: 10, refillMs: 5 * MINUTE };
const PAIR: Budget = { counts: 'pair', tries: 10, refillMs: 15 * MINUTE };
const PAIR_UNDER_ATTACK: Budget = { counts: 'pair', tries: 1, refillMs: 60 * MINUTE };
const ACCOUNT: Budget = { counts: 'account', tries: 50, refillMs: 6 * MINUTE };
const NETWORK: Budget = { counts: 'network', tries: 100, refillMs: 30 * SECOND };
const SESSION: Budget = { counts: 'session', tries: 10, refillMs: 5 * MINUTE };

/** Answers that tell a guesser something. Whatever else goes wrong is not held against the client. */
const GUESSES = [WrongCredentialsError, WrongPasswordError, EmailTakenError];

type Work<Result> = () => Promise<Result>;

/**
 * Runs work that may fail as a guess does. An attempt is paid for before the work, so that guesses made at the same
 * time count, and given back unless it failed.
 * @throws TooManyAttemptsError without running the work
 */
export interface Throttle {
  /** `device`: a proven one, which no attempt from elsewhere slows down. */
  logIn<R>(who: { email: string; address: string; device: string | undefined }, work: Work<R>): Promise<R>;
  /** Registering tells whether an e-mail has an account. */
  register<R>(address: string, work: Work<R>): Promise<R>;
  /** Confirming one's password within a session. */
  confirm<R>(sessionId: string, work: Work<R>): Promise<R>;
  /** Forgets the budgets that are whole again. */
  sweep(): Promise<void>;
}

export function createThrottle(sql: Sql, now: () => number): Throttle {
  const guarded = async <R>(pay: (purse: Purse) => Promise<void>, work: Work<R>): Promise<R> => {
    const paid = await sql.transaction(async (tx) => {
      const purse = openPurse(tx, now());
      await pay(purse);
      return purse.paid;
    });
    try {
      const result = await work();
      await giveBack(sql, paid);
      return result;
    } catch (error) {
      if (!GUESSES.some((guess) => error instanceof guess)) await giveBack(sql, paid);
      throw error;
    }
  };

  return {
    logIn: ({ email, address, device }, work) =>
      guarded(async (purse) => {
        if (device !== undefined) return purse.pay(DEVICE, email, device);
        const { near, wide } = networkOf(address);
        // Always in this order, so that transactions cannot wait for each other in a circle.
        const underAttack = (await purse.tryToPay(ACCOUNT, email)) > 0;
        await purse.pay(underAttack ? PAIR_UNDER_ATTACK : PAIR, email, near);
        await purse.pay(NETWORK, wide);
      }, work),
    register: (address, work) => guarded((purse) => purse.pay(NETWORK, networkOf(address).wide), work),
    confirm: (sessionId, work) => guarded((purse) => purse.pay(SESSION, sessionId), work),
    sweep: async () => {
      await sql.execute('DELETE FROM attempts WHERE whole_at < ?', [now()]);
    },
  };
}

interface Purse {
  readonly paid: { key: string; ms: number }[];
  /** Takes one try and returns 0, or takes none and returns the milliseconds until there is one. */
  tryToPay(budget: Budget, ...of: string[]): Promise<number>;
  /** @throws TooManyAttemptsError */
  pay(budget: Budget, ...of: string[]): Promise<void>;
}

function openPurse(tx: Statements, now: number): Purse {
  const paid: Purse['paid'] = [];
  const tryToPay: Purse['tryToPay'] = async (budget, ...of) => {
    const key = createHash('sha256')
      .update(JSON.stringify([budget.counts, ...of]))
      .digest('hex');
    const wait = await take(tx, key, budget, now);
    if (wait === 0) paid.push({ key, ms: budget.refillMs });
    return wait;
  };
  return {
    paid,
    tryToPay,
    pay: async (budget, ...of) => {
      const wait = await tryToPay(budget, ...of);
      if (wait === 0) return;
      const seconds = Math.ceil(wait / SECOND);
      throw new TooManyAttemptsError(`Try again in ${seconds} seconds`, seconds);
    },
  };
}

/**
 * A budget is one number: when it will be whole again. Each try moves that by `refillMs`,
 * and there is one left as long as it lies less than `tries` times that ahead.
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
  // Otherwise somebody else made it, or gave a try back, in this moment.
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

async function giveBack(sql: Sql, paid: Purse['paid']): Promise<void> {
  for (const { key, ms } of paid) {
    await sql.execute('UPDATE attempts SET whole_at = whole_at - ? WHERE budget = ?', [ms, key]);
  }
}
