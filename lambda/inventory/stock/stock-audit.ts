import type { Statements } from '../../shared/sql/sql';
import { OPEN_PARTS } from '../month-tables';

/** A product whose stock differs from the ledger or from the held reservations. */
export interface Discrepancy {
  readonly productId: string;
  readonly onHand: number;
  /** The sum of the product's ledger, with what was carried forward from lines in the warehouse; must be `onHand`. */
  readonly ledger: number;
  readonly reserved: number;
  /** The sum of all held reservations; must be `reserved`. */
  readonly held: number;
}

/**
 * Returns every discrepancy. A single statement is a consistent snapshot, so this may run while the shop sells and while
 * a month leaves. It reads all of the ledger that is here: for an audit, not for a request.
 */
export function auditStock({ query }: Statements): Promise<Discrepancy[]> {
  return query(
    `SELECT e.product_id AS productId, SUM(e.on_hand) AS onHand, SUM(e.entered) AS ledger,
       SUM(e.reserved) AS reserved, SUM(e.held) AS held
     FROM (
       SELECT product_id, on_hand, 0 AS entered, reserved, 0 AS held FROM stock
       UNION ALL
       SELECT product_id, 0, quantity, 0, 0 FROM archived_stock
       UNION ALL
       SELECT product_id, 0, quantity, 0, 0 FROM leaving_ledger
       WHERE NOT EXISTS (SELECT 1 FROM archive_batches WHERE state = 'carried')
       ${OPEN_PARTS.map(
         (part) => `UNION ALL
       SELECT product_id, 0, quantity, 0, 0 FROM ${part}ledger
       UNION ALL
       SELECT i.product_id, 0, 0, 0, i.quantity
       FROM ${part}reservations r JOIN ${part}reservation_items i ON i.reservation_id = r.id WHERE r.status = 'held'`,
       ).join('\n')}
     ) e
     GROUP BY e.product_id
     HAVING SUM(e.on_hand) <> SUM(e.entered) OR SUM(e.reserved) <> SUM(e.held)
     ORDER BY e.product_id`,
  );
}
