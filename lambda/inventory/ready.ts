import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CACHING } from '../shared/caching';
import type { Sql } from '../shared/sql';
import { findProduct } from './catalog';
import { productTag } from './entity-tags';
import { nextLoad } from './next-load';
import { productJson } from './product';
import { listCategories, listProducts, type Wanted } from './shelves';

/** An answer as it goes out. */
export interface Ready {
  readonly body: string;
  readonly headers: Readonly<Record<'Content-Type' | 'Cache-Control' | 'ETag', string>>;
}

/** Kept in the place of a product that does not exist. */
export const MISSING = 'missing';

export type ReadyAnswers = ReturnType<typeof createReadyAnswers>;

/**
 * What everybody reads, as ready bytes in this process: the one in-process cache of the service.
 * How long and how many: `CACHING`. A load that was under way when its subject changed answers those who wait for it
 * (they asked before the change) and is not kept. `fresh` is for who changed something in another process: it is loaded
 * after they asked, and what was kept is replaced.
 */
export function createReadyAnswers(sql: Sql) {
  const products = cache(CACHING.product.process, async (id: string): Promise<Ready | typeof MISSING> => {
    const found = await findProduct(sql, id);
    if (!found) return MISSING;
    const { product, available } = found;
    return ready(
      productJson(product, available),
      CACHING.product.http,
      productTag(product.version, available),
    );
  });
  const lists = cache(CACHING.products.process, async (key: string) => {
    const { items, next } = await listProducts(sql, JSON.parse(key) as Wanted);
    const end = next === undefined ? '' : `,"next":"${next}"`;
    return ready(`{"items":[${items.map(({ json }) => json).join()}]${end}}`, CACHING.products.http);
  });
  const categories = cache(CACHING.categories.process, async () =>
    ready(JSON.stringify({ items: await listCategories(sql) }), CACHING.categories.http),
  );

  return {
    product: (id: string, fresh = false) => products.get(id, fresh),
    list: ({ category, q, after, limit }: Wanted, fresh = false) =>
      lists.get(JSON.stringify({ category, q, after, limit }), fresh),
    categories: (fresh = false) => categories.get('all', fresh),
    /** How many there are of the products changed. */
    dropStock: (productIds: Iterable<string>): void => {
      for (const id of productIds) products.delete(id);
    },
    /** A product was created or edited: any list may hold it. */
    dropProduct: (id: string): void => {
      products.delete(id);
      lists.clear();
      categories.clear();
    },
  };
}

function ready(body: string, cacheControl: string, etag = hashTag(body)): Ready {
  return { body, headers: { 'Content-Type': 'application/json', 'Cache-Control': cacheControl, ETag: etag } };
}

const hashTag = (body: string): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

/** `fetch` loads once for all who ask at the same time; dropping an entry while it loads must not fail who waits. */
function cache<Value extends object | string>(
  { ttlMs, entries }: { ttlMs: number; entries: number },
  load: (key: string) => Promise<Value>,
) {
  const kept = new LRUCache<string, Value>({
    max: entries,
    ttl: ttlMs,
    fetchMethod: load,
    ignoreFetchAbort: true,
  });
  const reload = nextLoad((key) => {
    // A load that is under way may have read before the change.
    kept.delete(key);
    return kept.forceFetch(key);
  });
  return {
    get: (key: string, fresh: boolean): Promise<Value> => (fresh ? reload(key) : kept.forceFetch(key)),
    delete: (key: string) => kept.delete(key),
    clear: () => kept.clear(),
  };
}
