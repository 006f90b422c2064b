/**
 * What is cached where, for how long, and what makes it fresh again: the one table.
 *
 * | place | kept for | who is answered past it |
 * |---|---|---|
 * | browser | `http` | who reloads |
 * | CDN (from phase 3) | `http` | who wrote in the last minute, by the cookie `wrote` in its key |
 * | micro-cache of the web tier (from phase 3) | `http` | the same, and who sends a session's cookie or token |
 * | service process | `process` | who wrote in the last minute: the web tier says so with `X-Fresh: 1` |
 * | the database's buffer pool | while it is used | nobody: it is always right |
 *
 * - `http` is the Cache-Control that clients, proxies and the CDN obey; nothing tells them of changes, so it is short.
 * - `process` is the copy inside each service process: ready bytes, loaded once however many ask (single flight).
 *   The process that makes a change drops its copy at once; the others serve theirs until `ttlMs` is over. Where reads
 *   and writes have processes of their own, every copy is of the second kind: up to a second old.
 * - What is answered to who just wrote is loaded after they asked, and kept by nobody on the way (`fresh`): two people's
 *   answers never share an entry, and the next thing they do is not hidden from them by this answer.
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
    http: 'public, max-age=5, stale-while-revalidate=10',
    process: { ttlMs: 5000, entries: 1 },
    droppedBy: 'a product created or edited',
  },
  /** The three above, for who changed something a moment ago. */
  fresh: { http: 'private, no-store' },
  openApi: { http: 'public, max-age=300' },
  /** What belongs to one person or changes what is stored; problems too. */
  personal: { http: 'private, no-store' },
} as const satisfies Record<string, CacheRule>;
