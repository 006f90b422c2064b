import { limit } from './sql';

/** One page of a list. `next` is the `after` of the following page; absent on the last page. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next?: string;
}

export interface PageOf {
  readonly limit: number;
  /** The last id of the previous page. */
  readonly after?: string;
}

/**
 * A LIMIT above the size of the page, which reveals if another page follows. Only two values: each value needs its own
 * prepared statement on every connection (see bulk-sql.ts), and clients may ask for any size.
 */
export const limitFor = (asked: number): string => limit(asked <= USUAL ? USUAL + 1 : MOST + 1);

const USUAL = 24;
const MOST = 100;

/**
 * Cuts the page out of the found rows, newest first. Pages continue after an id, and ids never change: a row that
 * exists all the while appears exactly once, even if others are added, edited or removed.
 */
export function page<Row extends { readonly id: string }>(rows: readonly Row[], size: number): Page<Row> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  return rows.length > size && last ? { items, next: cursor(last.id) } : { items };
}

/** A UUID's 16 bytes in 22 characters, opaque to clients. */
export const cursor = (id: string): string =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

/** The inverse; every 22 characters are some id. */
export function fromCursor(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
