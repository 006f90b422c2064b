import type { Money } from '../catalog/product';

export type Status = 'held' | 'confirmed' | 'released' | 'expired';

export interface Item {
  readonly productId: string;
  /** The product's name at the time of the reservation. */
  readonly name: string;
  readonly quantity: number;
  /** Price of one unit at the time of the reservation. */
  readonly price: Money;
}

export interface Reservation {
  readonly id: string;
  readonly status: Status;
  /** Sorted by product id. */
  readonly items: readonly Item[];
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The status at a given time: `expired` as soon as the time is over, even before the sweeper returns the stock. */
export const statusAt = (
  { status, expiresAt }: Pick<Reservation, 'status' | 'expiresAt'>,
  now: number,
): Status => (status === 'held' && expiresAt <= now ? 'expired' : status);

/** A reservation has one currency; mixed ones are refused. */
export function total(items: readonly Item[]): Money {
  const amount = items.reduce((sum, { quantity, price }) => sum + quantity * price.amount, 0);
  return { amount, currency: items[0]?.price.currency ?? '' };
}

/** Quantity by product, sorted by id: rows are always locked in this order. */
export function totals(
  items: readonly { readonly productId: string; readonly quantity: number }[],
): [string, number][] {
  const sums = new Map<string, number>();
  for (const { productId, quantity } of items) sums.set(productId, (sums.get(productId) ?? 0) + quantity);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

export type Ending = Exclude<Status, 'held'>;

/** Part of a request to reserve. */
export interface Line {
  readonly productId: string;
  readonly quantity: number;
}
