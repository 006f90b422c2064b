import { auditStock } from '../../lambda/inventory/stock/stock-audit';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Server } from './server';

/** Rows that only half of a write leaves behind, each found by the row that is missing. */
const HALVES: Readonly<Record<'users' | 'inventory', Readonly<Record<string, string>>>> = {
  users: {
    'a session of nobody':
      'SELECT s.id FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE u.id IS NULL',
  },
  inventory: {
    'a product on sale without a list row, or one off sale with it': `SELECT p.id FROM products p
       LEFT JOIN listings l ON l.product_id = p.id WHERE (p.off_sale = 0) = (l.product_id IS NULL)`,
    'a product without stock':
      'SELECT p.id FROM products p LEFT JOIN stock s ON s.product_id = p.id WHERE s.product_id IS NULL',
    'a list row, stock, word, line or photo of no product': `SELECT x.product_id FROM (
       SELECT product_id FROM listings UNION SELECT product_id FROM stock UNION SELECT product_id FROM product_words
       UNION SELECT product_id FROM ledger UNION SELECT product_id FROM photos
     ) x LEFT JOIN products p ON p.id = x.product_id WHERE p.id IS NULL`,
    'a reservation of nothing':
      'SELECT r.id FROM reservations r LEFT JOIN reservation_items i ON i.reservation_id = r.id WHERE i.product_id IS NULL',
    'an item of no reservation':
      'SELECT i.product_id FROM reservation_items i LEFT JOIN reservations r ON r.id = i.reservation_id WHERE r.id IS NULL',
    'a sale that nobody confirmed': `SELECT l.id FROM ledger l LEFT JOIN reservations r ON r.id = l.reservation_id
       WHERE l.kind = 'sold' AND (r.status IS NULL OR r.status <> 'confirmed')`,
    'a confirmed reservation that sold nothing': `SELECT r.id FROM reservations r
       LEFT JOIN ledger l ON l.reservation_id = r.id WHERE r.status = 'confirmed' AND l.id IS NULL`,
    'a key without its result': `SELECT k.id FROM idempotency k LEFT JOIN reservations r ON r.id = k.result_id
       LEFT JOIN ledger l ON l.id = k.result_id LEFT JOIN products p ON p.id = k.result_id
       WHERE r.id IS NULL AND l.id IS NULL AND p.id IS NULL`,
    'a list row that is not its product': `SELECT p.id FROM products p JOIN listings l ON l.product_id = p.id
       WHERE l.category <> p.category`,
  },
};

/** Resolves to the faults of the data; a healthy server has none. */
export async function dataFaults({ usersSql, inventorySql }: Server): Promise<string[]> {
  const wrong = async (sql: Sql, checks: Readonly<Record<string, string>>) => {
    const found: string[] = [];
    for (const [what, statement] of Object.entries(checks)) {
      const rows = await sql.query(statement);
      if (rows.length > 0) found.push(`${what}: ${JSON.stringify(rows.slice(0, 3))}`);
    }
    return found;
  };
  const stock = (await auditStock(inventorySql)).map((row) => `stock: ${JSON.stringify(row)}`);
  return [
    ...stock,
    ...(await wrong(usersSql, HALVES.users)),
    ...(await wrong(inventorySql, HALVES.inventory)),
  ];
}

/** Log lines that report a failure, or contain a secret. */
export function suspiciousLines(
  lines: readonly string[],
  secrets: ReadonlySet<string>,
  words: readonly string[],
): string[] {
  return lines.filter((line) => {
    const { level } = asJson(line);
    // Tokens and proofs of devices are 43 characters of base64url.
    const tells =
      line.match(/[\w-]{43}/g)?.some((text) => secrets.has(text)) ||
      words.some((word) => line.includes(word));
    return tells || (level !== 'info' && level !== 'warn');
  });
}

function asJson(line: string): { level?: string } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
