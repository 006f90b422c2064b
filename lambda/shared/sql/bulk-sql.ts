import type { SqlValue, Statements } from './sql';

const MAX_ROWS = 128;

/**
 * Inserts many rows with few statements: `insertRows(tx, 'stock (product_id, on_hand, reserved)', rows)`.
 * Each statement takes a power of two of them: every other length would need its own prepared statement on every
 * connection, and a MySQL server allows 16,382 in all.
 */
export async function insertRows(tx: Statements, into: string, rows: readonly SqlValue[][]): Promise<void> {
  let done = 0;
  for (const size of powersOfTwo(rows.length)) {
    const some = rows.slice(done, done + size);
    const row = `(${some[0]?.map(() => '?').join(', ')})`;
    await tx.execute(`INSERT INTO ${into} VALUES ${some.map(() => row).join(', ')}`, some.flat());
    done += size;
  }
}

/** `IN (?, ?, …)` and its values; the last value is repeated up to a power of two, for the same reason. */
export function among(values: readonly string[]): { sql: string; values: string[] } {
  const last = values.at(-1);
  if (last === undefined) throw new RangeError('IN needs at least one value');
  const padded = [...values];
  while (!isPowerOfTwo(padded.length)) padded.push(last);
  return { sql: `IN (${padded.map(() => '?').join(', ')})`, values: padded };
}

/** 200 -> 128, 64, 8. */
export function powersOfTwo(count: number): number[] {
  const sizes: number[] = [];
  for (let size = MAX_ROWS, left = count; left > 0; ) {
    if (size <= left) {
      sizes.push(size);
      left -= size;
    } else size /= 2;
  }
  return sizes;
}

const isPowerOfTwo = (count: number): boolean => (count & (count - 1)) === 0;
