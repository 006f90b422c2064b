import { RetryLaterError } from '../runtime/retry-later';

export type Value = string | number;

/** Attributes by their names. An attribute that has no value is absent: there is no null. */
export type Item = Readonly<Record<string, Value>>;

interface KeyAttribute {
  readonly name: string;
  readonly type: 'text' | 'number';
}

/** Items with the same partition lie together, in the order of `sort`. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

/** The shape of a table: for its construct, for the server on one's own machine, and for the program that opens it. */
export interface TableDefinition extends KeySchema {
  /** By name. An index has only the items that have both its attributes, and follows the table a moment later. */
  readonly indexes?: Readonly<Record<string, Required<KeySchema>>>;
  /**
   * The attribute with the end of an item's life, in seconds since 1970. From then on the item is as if it were gone,
   * though DynamoDB deletes it up to days later.
   */
  readonly expires?: string;
}

/** Each attribute has the value; is absent (null); or is smaller than a number. */
export type Condition = Readonly<Record<string, Value | null | { readonly below: number }>>;

export interface Change {
  /** New values; null takes an attribute away. */
  readonly set?: Readonly<Record<string, Value | null>>;
  /** Numbers to add to what an attribute has; absent counts as 0. */
  readonly add?: Readonly<Record<string, number>>;
}

interface Query {
  /** The value of the partition's attribute. */
  readonly partition: Value;
  /** Default: the table itself. */
  readonly index?: string;
  /** Bounds of the sort attribute. Default: all. */
  readonly atMost?: Value;
  readonly after?: Value;
  readonly order?: 'ascending' | 'descending';
  /** The most items, from 1 to 1000. */
  readonly limit: number;
  /** Reads what was written before. Costs twice as much, and is refused by indexes. Default false. */
  readonly consistent?: boolean;
}

/**
 * A table of items by key. Implementations: `memory-table.ts` and `dynamodb-table.ts`, under one contract test. Everything
 * may throw TableUnavailableError, and a change may then have been made or not.
 *
 * A change that was made may answer false if its first answer was lost and it was sent again: after false, a caller that
 * must know reads the item and looks for its own mark.
 */
export interface Table {
  get(key: Item, options: { readonly consistent: boolean }): Promise<Item | undefined>;
  /**
   * Stores a whole item. `free`: only if there is none with its key. A condition holds for the item that is there. False,
   * with nothing changed, if it does not hold.
   */
  put(item: Item, condition?: 'free' | Condition): Promise<boolean>;
  /** Changes an item that is there. False if there is none, or if the condition does not hold. */
  update(key: Item, change: Change, condition?: Condition): Promise<boolean>;
  /** False if there is none, or if the condition does not hold. */
  delete(key: Item, condition?: Condition): Promise<boolean>;
  query(query: Query): Promise<Item[]>;
  /** Every item, in no order: for moves and audits, never for requests. */
  scan(): AsyncIterable<Item>;
  close(): void;
}

/** The table does not answer, or answers that it has too many requests. A change may be stored or not. */
export class TableUnavailableError extends RetryLaterError {
  override name = 'TableUnavailableError';
  constructor(options?: ErrorOptions) {
    super('The data is temporarily unavailable: repeat the request', 1, options);
  }
}

/** @throws RangeError */
export function checkLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new RangeError(`A limit must be a whole number from 1 to 1000, not ${limit}`);
  return limit;
}

export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
