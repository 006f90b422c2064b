/**
 * The single table of what is cached, where, for how long, and which change drops it.
 *
 * | place | kept for | bypassed by |
 * |---|---|---|
 * | browser | `http` | a reload |
 * | CDN (from phase 3) | `http` | any cookie `wrote`, genuine or forged, since it is in the key |
 * | micro-cache of the web tier (from phase 3) | `http` | a cookie signed in the last minute, within a budget |
 * | service process | `process` | the same requests: the web tier marks them with `X-Fresh: 1` |
 * | shared cache (from phase 4) | `shared` | the same requests, and all that the write role needs |
 * | read replica (from phase 4) | up to 2 s behind, or it is left out | a signed cookie, or a bearer token for personal reads |
 * | the database's buffer pool | while it is used | no request: it is always current |
 *
 * - `http` is the Cache-Control for clients, proxies and the CDN. Changes do not drop these copies, so it is short.
 * - `process` is the copy inside each service process: ready bytes, loaded once for all callers (single flight). The
 *   process that makes a change drops its copy at once; the others serve theirs until `ttlMs` is over. Where reads and
 *   writes have processes of their own, every copy is of the second kind: up to a second old.
 * - `shared` is the copy that all processes use. An object such as a product may live long: the writer replaces it, and
 *   REPAIR removes what that missed. A query such as a list ends by its age, since a change does not know which lists
 *   it is in (decision 0110).
 * - Only the app can verify its signature, so the web tier asks it; if the app refuses, the web tier answers from its
 *   own copy (decision 0096).
 * - The response to a client that just wrote is loaded after its request and stored by no cache on the way (`fresh`),
 *   so clients never share an entry, and no such response hides a later change. The shared cache takes such a product
 *   too: it is the newest version.
 */
export interface CacheRule {
  /** The Cache-Control of answers. Default: it is not an answer. */
  readonly http?: string;
  readonly process?: { readonly ttlMs: number; readonly entries: number };
  readonly shared?: SharedRule;
  /** The changes that drop the copy of the process that makes them, and replace or end the shared one. */
  readonly droppedBy?: string;
}

export interface SharedRule {
  readonly strategies: readonly Strategy[];
  /** Mean life of an entry; each lives up to a tenth longer or shorter. */
  readonly ttlMs: number;
  /** An entry answers if its load began less than this ago, or if all changes up to then have reached the cache. */
  readonly freshMs: number;
  /** An entry whose load began longer ago is loaded again in the background when it is read. Default: never. */
  readonly refreshAfterMs?: number;
}

/**
 * The times at which an entry is written: after a miss; by the writer, after its commit; before it ends, while it is
 * still used. Write-behind, the cache before the database, is for the last use of sessions alone.
 */
type Strategy = 'cache-aside' | 'write-through' | 'refresh-ahead';

/** One process at a time removes from the shared cache what changed in the database and was not written through. */
export const REPAIR = {
  /** Between two looks at the changes. */
  everyMs: 1000,
  /** Readers ask this often how far the repair has come. */
  readEveryMs: 500,
  /**
   * Each look covers the changes since this long before what the last one reached: longer than a change can be seen
   * after its time stamp, with ten seconds for a commit, a second for the stamp, and the rest for clocks that differ.
   */
  overlapMs: 15_000,
  /** After a longer gap the whole cache is given up, by another prefix of its keys. */
  giveUpAfterMs: 60_000,
} as const;

const HOUR = 3_600_000;

export const CACHE_POLICY = {
  product: {
    http: 'public, max-age=2, stale-while-revalidate=10',
    process: { ttlMs: 1000, entries: 10_000 },
    shared: {
      strategies: ['cache-aside', 'write-through', 'refresh-ahead'],
      ttlMs: HOUR,
      freshMs: 10_000,
      refreshAfterMs: 0.8 * HOUR,
    },
    droppedBy: 'an edit, a ledger entry, and every reservation made or ended of the product',
  },
  /** Unknown ids, in the product's cache: guessing ids does not reach the database each time. */
  missingProduct: {
    http: 'public, max-age=2',
    shared: { strategies: ['cache-aside', 'write-through'], ttlMs: 30_000, freshMs: 10_000 },
    droppedBy: 'the creation of the product',
  },
  /** `available` may be a second old in lists: a reservation that dropped every list would leave none in a sale. */
  products: {
    http: 'public, max-age=2, stale-while-revalidate=10',
    process: { ttlMs: 1000, entries: 2000 },
    shared: {
      strategies: ['cache-aside', 'refresh-ahead'],
      ttlMs: 10_000,
      freshMs: 11_000,
      refreshAfterMs: 8000,
    },
    droppedBy:
      'a product created or edited (all lists, since any may hold it); the shared ones by their age alone',
  },
  categories: {
    http: 'public, max-age=5, stale-while-revalidate=10',
    process: { ttlMs: 5000, entries: 100 },
    shared: {
      strategies: ['cache-aside', 'refresh-ahead'],
      ttlMs: 10_000,
      freshMs: 11_000,
      refreshAfterMs: 8000,
    },
    droppedBy: 'a product created or edited; the shared ones by their age alone',
  },
  /**
   * Never in a process. Only those that read use it: passwords, e-mail, deletion and staff ask the database. Older ones are
   * kept for the time in which the user service does not answer (decision 0161).
   */
  session: {
    shared: { strategies: ['cache-aside'], ttlMs: 600_000, freshMs: 30_000 },
    droppedBy: 'whatever ends the session, before it is answered',
  },
  /** Products, lists and categories, for clients that just wrote. */
  fresh: { http: 'private, no-store' },
  openApi: { http: 'public, max-age=300' },
  /** Personal responses, responses to changes, and problems. */
  personal: { http: 'private, no-store' },
} as const satisfies Record<string, CacheRule>;
