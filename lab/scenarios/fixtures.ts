import type { Book } from '../check/book';
import type { Pool } from '../load/pool';
import type { Random } from '../load/random';
import { zipf } from './zipf';

/** A product as it was stocked, to compare answers with. */
export interface Shelf {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly price: number;
  readonly pieces: number;
}

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly token: string;
}

/** The source of requests: products, accounts, random numbers, and the book of acknowledged writes. */
export interface Fixtures {
  readonly shelves: readonly Shelf[];
  readonly shelfOf: ReadonlyMap<string, Shelf>;
  /** A product with few pieces and many buyers. */
  readonly hot: Shelf;
  readonly customers: readonly Customer[];
  readonly staff: readonly Customer[];
  readonly random: Random;
  readonly book: Book;
  /** Draws a product by popularity: Zipf with exponent 1. */
  popular(): Shelf;
  anyCustomer(): Customer;
  /** Connections to another server by its origin, for uploads of photos. */
  poolOf(origin: string): Pool;
  /** Returns a different number each time. */
  nextNumber(): number;
}

export type FixturesOptions = Pick<
  Fixtures,
  'shelves' | 'hot' | 'customers' | 'staff' | 'random' | 'book' | 'poolOf'
>;

export function createFixtures(options: FixturesOptions): Fixtures {
  const { shelves, hot, customers, random } = options;
  const rank = zipf(shelves.length, 1, random);
  let last = 0;
  return {
    ...options,
    shelfOf: new Map([...shelves, hot].map((shelf) => [shelf.id, shelf])),
    popular: () => shelves[rank()] ?? hot,
    anyCustomer: () => oneOf(customers, random),
    nextNumber: () => ++last,
  };
}

export function oneOf<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('Cannot choose from an empty list');
  return item;
}
