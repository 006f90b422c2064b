import { limit } from '../shared/sql';

/** One page of a list; `next` is what `after` takes for the page that follows, absent at the end. */
export interface Page<Item> {
  readonly items: Item[];
  readonly next?: string;
}

export interface PageOf {
  readonly limit: number;
  /** The id that the page before ended with. */
  readonly after?: string;
}

/**
 * The LIMIT that finds a page and whether another follows. Two sizes only: each would be a statement of its own to
 * prepare, on every connection (see rows.ts), and anybody may ask for any.
 */
export const limitFor = (asked: number): string => limit(asked <= USUAL ? USUAL + 1 : MOST + 1);

const USUAL = 24;
const MOST = 100;

/**
 * The page out of more rows than it holds, newest first. Pages continue after an id, and ids never change or move:
 * what is there all the while is seen exactly once, whatever is added, edited or removed meanwhile.
 */
export function page<Row extends { readonly id: string }>(rows: readonly Row[], size: number): Page<Row> {
  const items = rows.slice(0, size);
  const last = items.at(-1);
  return rows.length > size && last ? { items, next: cursor(last.id) } : { items };
}

/** A UUID's 16 bytes in 22 characters: opaque to who gets it. */
export const cursor = (id: string): string =>
  Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

/** The id again; any 22 characters are some id. */
export function fromCursor(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
