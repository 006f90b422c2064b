import type { Money } from './product';

export type Status = 'held' | 'confirmed' | 'released' | 'expired';

export interface Item {
  readonly productId: string;
  /** As it was called when it was reserved. */
  readonly name: string;
  readonly quantity: number;
  /** Of one, when it was reserved. */
  readonly price: Money;
}

export interface Reservation {
  readonly id: string;
  readonly status: Status;
  /** By product id. */
  readonly items: readonly Item[];
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What a reservation is at a moment: time ends it, even where no sweeper has given the stock back yet. */
export const statusAt = (
  { status, expiresAt }: Pick<Reservation, 'status' | 'expiresAt'>,
  now: number,
): Status => (status === 'held' && expiresAt <= now ? 'expired' : status);

/** Items of one reservation have one currency: it is refused otherwise. */
export function total(items: readonly Item[]): Money {
  const amount = items.reduce((sum, { quantity, price }) => sum + quantity * price.amount, 0);
  return { amount, currency: items[0]?.price.currency ?? '' };
}

/** How many of each product, in the order of their ids: the order in which rows are locked, always. */
export function totals(
  items: readonly { readonly productId: string; readonly quantity: number }[],
): [string, number][] {
  const sums = new Map<string, number>();
  for (const { productId, quantity } of items) sums.set(productId, (sums.get(productId) ?? 0) + quantity);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}
