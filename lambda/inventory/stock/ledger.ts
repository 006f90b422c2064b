export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

/** A line of the ledger. Confirmations write `sold` lines, with a negative quantity. */
export interface Entry {
  readonly id: string;
  readonly kind: NewEntry['kind'] | 'sold';
  readonly quantity: number;
  readonly reason: string | null;
  readonly at: number;
  /** The author, or the buyer; null if the account was deleted. */
  readonly by: string | null;
}

/** An entry by staff: received goods, or a correction with its reason. The quantity is added to the stock on hand. */
export interface NewEntry {
  readonly kind: 'received' | 'adjusted';
  readonly quantity: number;
  readonly reason: string | null;
}
