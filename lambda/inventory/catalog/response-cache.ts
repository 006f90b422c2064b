import { LRUCache } from 'lru-cache';
import type { Cache, CacheEntry } from '../../shared/cache/cache';
import { CACHE_POLICY } from '../../shared/cache/cache-policy';
import { createProcessCache } from '../../shared/cache/process-cache';
import { createSharedLoader, type Loaded, type SharedLoaderStats } from '../../shared/cache/shared-loader';
import { type Clocks, SYSTEM_CLOCKS } from '../../shared/runtime/clocks';
import type { Logger } from '../../shared/runtime/log';
import { createSemaphore } from '../../shared/runtime/semaphore';
import type { Sql } from '../../shared/sql/sql';
import { createCacheStateReader } from './cache-state';
import { type CachedResponse, packed, unpacked } from './cached-response';
import { productTag } from './entity-tags';
import { TooManyUnknownIdsError } from './errors';
import type { KnownIds } from './known-ids';
import { productJson } from './product';
import { type ListingQuery, listCategories, listProducts } from './product-listing';
import { createQueryCaches } from './query-cache';
import { findProduct } from './repository';
import { parseQuery } from './tokenizer';

/** In place of a product that does not exist. */
export const MISSING = 'missing';

/** Loads from the database at a time; the others of the pool are for what is never cached. */
const OBJECT_LOADS = { places: 4, waiting: 256, waitMs: 2000 };
/** Searches and later pages have bounds of their own: see `query-cache.ts`. */
const LIST_LOADS = {
  front: { places: 1, waiting: 128, waitMs: 2000 },
  category: { places: 1, waiting: 64, waitMs: 2000 },
};
const CATEGORIES_LOADS = { first: { places: 1, waiting: 64, waitMs: 2000 } };

export interface ResponseCacheOptions {
  readonly sql: Sql;
  /** Default: the database alone, behind the copies of this process. */
  readonly cache?: Cache | undefined;
  readonly knownIds: KnownIds;
  readonly log: Logger;
  readonly now: () => number;
  /** For durations within this process. Default: the system's. */
  readonly ticks?: Clocks['ticks'];
  /** The most copies of a kind in this process. Default: as CACHE_POLICY says. */
  readonly copies?: number | undefined;
}

export interface ResponseCache {
  /** @throws TooManyUnknownIdsError, BusyError */
  product(id: string, fresh?: boolean): Promise<CachedResponse | typeof MISSING>;
  /** The product, if this process has a copy that may still answer. */
  copy(id: string): CachedResponse | undefined;
  /** @throws SearchTooBroadError, BusyError */
  list(query: ListingQuery, fresh?: boolean): Promise<CachedResponse>;
  /** @throws BusyError */
  categories(after?: string, fresh?: boolean): Promise<CachedResponse>;
  /** The stock of a product changed. */
  dropStock(id: string): void;
  /** A product was created or edited: any list may contain it. */
  dropProduct(id: string): void;
  stats(): ResponseCacheStats;
}

/** Of products, since the start. */
interface ResponseCacheStats extends SharedLoaderStats {
  /** Copies of this process that were older than the one before, of the same product. */
  readonly wentBack: number;
}

/**
 * Public responses as ready bytes, at three levels: this process, the shared cache and the database, with the rules of
 * CACHE_POLICY. `fresh` loads anew and replaces the entries of both caches, for clients that just wrote and for changes.
 */
export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { sql, cache, knownIds, log, now, ticks = SYSTEM_CLOCKS.ticks } = options;
  const copies = options.copies ?? CACHE_POLICY.product.process.entries;
  const shared = { cache, log, now, stalenessMs: () => sql.stalenessMs?.() ?? 0 };
  const state = cache && createCacheStateReader(cache, { now, ticks });
  const seen = new LRUCache<string, number>({ max: copies });
  let wentBack = 0;

  const noteVersion = (id: string, { version }: CacheEntry) => {
    if (version < (seen.get(id) ?? 0)) wentBack += 1;
    seen.set(id, version);
  };

  const sharedProducts = createSharedLoader({
    ...shared,
    name: 'product',
    policy: CACHE_POLICY.product.shared,
    limit: createSemaphore(OBJECT_LOADS),
    keyPrefix: state?.keyPrefix,
    trustedSince: state?.trustedSince,
    load: async (id): Promise<Loaded> => {
      knownIds.assertMayLoad(id);
      const found = await findProduct(sql, id);
      if (found) {
        const { product, stock, revision } = found;
        const body = productJson(product, stock);
        return { version: revision, value: packed(productTag(product.version, stock), body) };
      }
      knownIds.foundNothing();
      return { version: 0, value: '', ttlMs: CACHE_POLICY.missingProduct.shared.ttlMs };
    },
  });
  /** While forged ids use up the budget, a new product that this process does not know yet may be in the cache. */
  const reloaded = (id: string) =>
    sharedProducts.reload(id).catch((error: unknown) => {
      if (error instanceof TooManyUnknownIdsError) return sharedProducts.get(id);
      throw error;
    });
  const products = createProcessCache<CachedResponse | typeof MISSING>(
    { ...CACHE_POLICY.product.process, entries: copies },
    async (id, fresh) => {
      await state?.refresh(fresh ? 'write' : 'read');
      const entry = await (fresh ? reloaded(id) : sharedProducts.get(id));
      if (entry.version > 0) knownIds.add(id);
      noteVersion(id, entry);
      return entry.version === 0 ? MISSING : unpacked(entry.value, CACHE_POLICY.product.http);
    },
    ticks,
  );

  const query = createQueryCaches({ ...shared, ticks, copies: options.copies });
  const lists = query({
    name: 'products',
    load: async (key) => {
      const { items, next } = await listProducts(sql, JSON.parse(key) as ListingQuery);
      const end = next === undefined ? '' : `,"next":"${next}"`;
      return `{"items":[${items.map(({ json }) => json).join()}]${end}}`;
    },
    kindOf: (key) => {
      // The sorts are few, so each has a shared copy of its first page.
      const { category, q, after } = JSON.parse(key) as ListingQuery;
      if (q !== undefined || after !== undefined) return 'free';
      return category === undefined ? 'front' : 'category';
    },
    limits: LIST_LOADS,
  });
  const categories = query({
    name: 'categories',
    load: async (after) => JSON.stringify(await listCategories(sql, after)),
    kindOf: (after) => (after === '' ? 'first' : 'free'),
    limits: CATEGORIES_LOADS,
  });

  const dropStock = (id: string) => {
    sharedProducts.forget(id);
    products.delete(id);
  };

  return {
    copy: (id) => {
      const found = products.peek(id);
      return found === MISSING ? undefined : found;
    },
    product: async (id, fresh) =>
      // Forged ids must not take the places of products in this process.
      (fresh ? undefined : products.peek(id)) ?? (knownIds.isAbsent(id) ? MISSING : products.get(id, fresh)),
    list: ({ category, q, sort, after, limit }, fresh) =>
      lists.get(JSON.stringify({ category, q: sameSearch(q), sort, after, limit }), fresh),
    categories: (after = '', fresh) => categories.get(after, fresh),
    dropStock,
    dropProduct: (id) => {
      dropStock(id);
      lists.clear();
      categories.clear();
    },
    stats: () => ({ ...sharedProducts.stats(), wentBack }),
  };
}

/** The key of a product in the shared cache. */
export const sharedKey = (epoch: string, productId: string): string => `${epoch}:product:${productId}`;

/** One spelling of all that find the same: blanks, case and accents make no other search. Undefined if it is blank. */
function sameSearch(q = ''): string | undefined {
  if (q.trim() === '') return undefined;
  const parsed = parseQuery(q);
  // Without a word nothing is found, which is not the same as everything.
  return parsed ? [...[...parsed.whole].sort(), parsed.prefix.from].join(' ') : '-';
}
