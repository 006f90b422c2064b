/**
 * What is cached where, for how long, and what makes it fresh again: the one table.
 *
 * - `http` is the Cache-Control that clients, proxies and the CDN obey; nothing tells them of changes, so it is short.
 * - `process` is the copy inside each service process: ready bytes, loaded once however many ask (single flight).
 *   The process that makes a change drops its copy at once; the others serve theirs until `ttlMs` is over.
 * - The database's own cache (the buffer pool) is always right.
 */
export interface CacheRule {
  readonly http: string;
  readonly process?: { readonly ttlMs: number; readonly entries: number };
  /** What drops the copy of the process that made the change. */
  readonly droppedBy?: string;
}

export const CACHING = {
  product: {
    http: 'public, max-age=2, stale-while-revalidate=10',
    process: { ttlMs: 1000, entries: 10_000 },
    droppedBy: 'an edit, a ledger entry, and every reservation made or ended of the product',
  },
  /** Ids that do not exist, in the product's cache: who guesses ids does not reach the database each time. */
  missingProduct: { http: 'public, max-age=2', droppedBy: 'the creation of the product' },
  /** `available` may be a second old in lists: a reservation that dropped every list would leave none in a sale. */
  products: {
    http: 'public, max-age=2, stale-while-revalidate=10',
    process: { ttlMs: 1000, entries: 2000 },
    droppedBy: 'a product created or edited (all lists, since any may hold it)',
  },
  categories: {
    http: 'public, max-age=10, stale-while-revalidate=60',
    process: { ttlMs: 10_000, entries: 1 },
    droppedBy: 'a product created or edited',
  },
  openApi: { http: 'public, max-age=300' },
  /** What belongs to one person or changes what is stored; problems too. */
  personal: { http: 'private, no-store' },
} as const satisfies Record<string, CacheRule>;
