import { among, insertRows } from '../../shared/sql/bulk-sql';
import { forceIndex, inThisOrder, type Statements } from '../../shared/sql/sql';
import { acrossParts, OPEN_PARTS } from '../month-tables';
import { HoldLimitError } from './errors';
import type { Line } from './reservation';

/** The most pieces that one account may hold at a time (decision 0064). */
export const HOLD_LIMITS = { ofProduct: 10, altogether: 50 } as const;

/** The pieces that an account holds, by product id. */
export type Holding = ReadonlyMap<string, number>;

/**
 * Locks the accounts until the transaction ends: another reservation of one of them waits, in other processes too, and
 * then reads the rows of this one. Call before anything is read. Returns the accounts that may hold pieces, which are
 * those with an earlier turn.
 * @throws DuplicateKeyError if two transactions at once are the first turn of an account
 */
export async function takeTurns(tx: Statements, userIds: readonly string[]): Promise<string[]> {
  const everybody = [...new Set(userIds)].sort();
  const ids = among(everybody);
  for (;;) {
    const turns = await tx.execute(
      `UPDATE holders SET turns = turns + 1 WHERE user_id ${ids.sql}`,
      ids.values,
    );
    if (turns === everybody.length) return everybody;
    const known = turns === 0 ? [] : await holdersAmong(tx, ids);
    const missing = everybody.filter((userId) => !known.includes(userId));
    await insertRows(
      tx,
      'holders (user_id, turns)',
      missing.map((userId) => [userId, 1]),
    );
    // If more are known, an account had its first turn between the two statements, and its row is not locked here.
    if (known.length === turns) return known;
  }
}

async function holdersAmong(
  { query }: Statements,
  { sql, values }: ReturnType<typeof among>,
): Promise<string[]> {
  const rows = await query<{ userId: string }>(
    `SELECT user_id AS userId FROM holders WHERE user_id ${sql}`,
    values,
  );
  return rows.map(({ userId }) => userId);
}

/** The holdings of the accounts at a moment, by user id. Expired reservations do not count, swept or not. */
export async function holdingsOf(
  sql: Statements,
  userIds: readonly string[],
  at: number,
): Promise<Map<string, Holding>> {
  if (userIds.length === 0) return new Map();
  const ids = among(userIds);
  const rows = await acrossParts<{ userId: string } & Line>(
    sql,
    (part) => `SELECT ${inThisOrder} r.user_id AS userId, i.product_id AS productId, i.quantity
     FROM ${part}reservations r JOIN ${part}reservation_items i ${forceIndex('PRIMARY')} ON i.reservation_id = r.id
     WHERE r.user_id ${ids.sql} AND r.status = 'held' AND r.expires_at > ?`,
    [...ids.values, at],
    { parts: OPEN_PARTS },
  );
  const holdings = new Map<string, Holding>();
  for (const { userId, ...line } of rows) holdings.set(userId, holdingWith(holdings.get(userId), [line]));
  return holdings;
}

/** The holding of an account once it has these lines as well. */
export function holdingWith(holding: Holding = new Map(), lines: readonly Line[]): Holding {
  const sum = new Map(holding);
  for (const { productId, quantity } of lines) sum.set(productId, (sum.get(productId) ?? 0) + quantity);
  return sum;
}

/** Why an account cannot hold these lines as well; undefined when it can. */
export function holdRefusal(
  lines: readonly Line[],
  holding: Holding = new Map(),
): HoldLimitError | undefined {
  const excesses = lines
    .map(({ productId, quantity: asked }) => ({ productId, asked, held: holding.get(productId) ?? 0 }))
    .filter(({ asked, held }) => asked + held > HOLD_LIMITS.ofProduct);
  const asked = lines.reduce((sum, { quantity }) => sum + quantity, 0);
  const held = [...holding.values()].reduce((sum, quantity) => sum + quantity, 0);
  const tooMany = asked + held > HOLD_LIMITS.altogether;
  return excesses.length > 0 || tooMany
    ? new HoldLimitError({ limits: HOLD_LIMITS, asked, held, excesses })
    : undefined;
}
