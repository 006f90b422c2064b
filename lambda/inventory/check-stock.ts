import type { Statements } from '../shared/sql';

/** A product whose stock is not what the ledger and the held reservations say. */
export interface Discrepancy {
  readonly productId: string;
  readonly onHand: number;
  /** The sum of the product's ledger; must be `onHand`. */
  readonly ledger: number;
  readonly reserved: number;
  /** The sum of what held reservations hold; must be `reserved`. */
  readonly held: number;
}

/**
 * What is wrong with the stock: nothing, hopefully. One statement sees one moment, so it may run while the shop sells.
 * It reads all of the ledger: for a checker, not for a request.
 */
export function checkStock({ query }: Statements): Promise<Discrepancy[]> {
  return query(
    `SELECT e.product_id AS productId, SUM(e.on_hand) AS onHand, SUM(e.entered) AS ledger,
       SUM(e.reserved) AS reserved, SUM(e.held) AS held
     FROM (
       SELECT product_id, on_hand, 0 AS entered, reserved, 0 AS held FROM stock
       UNION ALL
       SELECT product_id, 0, quantity, 0, 0 FROM ledger
       UNION ALL
       SELECT i.product_id, 0, 0, 0, i.quantity
       FROM reservations r JOIN reservation_items i ON i.reservation_id = r.id WHERE r.status = 'held'
     ) e
     GROUP BY e.product_id
     HAVING SUM(e.on_hand) <> SUM(e.entered) OR SUM(e.reserved) <> SUM(e.held)
     ORDER BY e.product_id`,
  );
}
