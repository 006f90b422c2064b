import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { CACHE_POLICY } from '../../shared/cache/cache-policy';
import type { FreshReads } from '../../shared/http/fresh-reads';
import { type Identify, requireStaff } from '../../shared/http/identity';
import { answerInvalid, problem, USERS_UNAVAILABLE } from '../../shared/http/problems';
import { answer, LOGGED_IN, REFUSES, responses } from '../../shared/http/responses';
import { KEY_REUSED } from '../errors';
import { ById, IdempotencyKey, Paging } from '../schemas';
import type { CachedResponse } from './cached-response';
import { matchesVersion, noneMatch, productTag } from './entity-tags';
import {
  CATALOG_BUSY,
  CHANGED_MEANWHILE,
  IF_MATCH_NEEDED,
  IfMatchNeededError,
  NO_SUCH_PRODUCT,
  SEARCH_TOO_BROAD,
  TOO_MANY_UNKNOWN_IDS,
} from './errors';
import { productJson } from './product';
import type { Stocked } from './repository';
import { MISSING, type ResponseCache } from './response-cache';
import {
  Categories,
  CategoryQuery,
  IfMatch,
  NewProduct,
  OffSalePage,
  Product,
  ProductEdits,
  ProductPage,
  ProductQuery,
} from './schemas';
import type { Catalog } from './service';

export interface CatalogRoutesOptions {
  readonly identify: Identify;
  readonly catalog: Catalog;
  readonly responseCache: ResponseCache;
  /** True if a client with this cookie `wrote` may read past every cache; charges its budget. */
  readonly mayReadFresh: FreshReads['pay'];
}

/**
 * Reads are the hot path, answered from cached bytes, so they are registered without the library's validators.
 * They still validate their input, with the schemas that document them.
 */
export function catalogRoutes(
  app: OpenAPIHono,
  { identify, catalog, responseCache, mayReadFresh }: CatalogRoutesOptions,
): void {
  const read =
    (respondTo: (c: Context) => Promise<Response>) =>
    (c: Context): Promise<Response> | Response =>
      asksFresh(c) && !mayReadFresh(getCookie(c, 'wrote')) ? notFresh() : respondTo(c);

  app.openAPIRegistry.registerPath(readCategories);
  app.get(
    readCategories.path,
    read(async (c) => {
      const query = CategoryQuery.safeParse(c.req.query());
      if (!query.success) return answerInvalid(query.error, 'query');
      return respond(c, await responseCache.categories(query.data.after, asksFresh(c)));
    }),
  );

  app.openAPIRegistry.registerPath(readProducts);
  app.get(
    readProducts.path,
    read(async (c) => {
      const query = ProductQuery.safeParse(c.req.query());
      if (!query.success) return answerInvalid(query.error, 'query');
      const { sort, ...listing } = query.data;
      const asked = sort === 'newest' ? listing : { ...listing, sort };
      return respond(c, await responseCache.list(asked, asksFresh(c)));
    }),
  );

  app.openAPIRegistry.registerPath(readProduct);
  app.get(
    readProduct.getRoutingPath(),
    read(async (c) => {
      const params = ById.safeParse(c.req.param());
      if (!params.success) return answerInvalid(params.error, 'param');
      const found = await responseCache.product(params.data.id, asksFresh(c));
      return found === MISSING ? missing(c, params.data.id) : respond(c, found);
    }),
  );

  app.openapi(readOffSale, async (c) => {
    await requireStaff(c, identify);
    return answer(await catalog.offSale(c.req.valid('query')));
  });

  app.openapi(createProduct, async (c) => {
    const { userId } = await requireStaff(c, identify);
    const key = c.req.valid('header')['idempotency-key'];
    const facts = c.req.valid('json');
    const { result, replayed } =
      key === undefined
        ? { result: await catalog.create(facts), replayed: false }
        : await catalog.createOnce(facts, { userId, key });
    return changed(result, replayed ? 200 : 201, { Location: `/api/products/${result.product.id}` });
  });

  app.openapi(editProduct, async (c) => {
    await requireStaff(c, identify);
    const base = c.req.valid('header')['if-match'];
    if (base === undefined)
      throw new IfMatchNeededError('Send the ETag of the product that you read as If-Match');
    const mayEdit = (version: number) => matchesVersion(base, version);
    return changed(await catalog.edit(c.req.valid('param').id, mayEdit, c.req.valid('json')), 200);
  });
}

/**
 * Our proxy sends this with the reads of clients that show a cookie `wrote`: they are answered past the copy of this
 * process or refused, since the proxy has a copy of its own that costs less.
 */
const asksFresh = (c: Context): boolean => c.req.header('x-fresh') === '1';

/** For the proxy alone, and empty: nginx closes a connection that holds an answer it does not read. */
const notFresh = (): Response =>
  new Response(null, { status: 412, headers: { 'Content-Length': '0', 'Cache-Control': 'no-store' } });

function respond(c: Context, { body, headers: usual }: CachedResponse): Response {
  const headers = asksFresh(c) ? { ...usual, 'Cache-Control': CACHE_POLICY.fresh.http } : usual;
  return noneMatch(c.req.header('if-none-match'), headers.ETag)
    ? new Response(null, {
        status: 304,
        headers: { 'Cache-Control': headers['Cache-Control'], ETag: headers.ETag },
      })
    : new Response(body, { headers });
}

const missing = (c: Context, id: string): Response =>
  problem(
    { ...NO_SUCH_PRODUCT, detail: `There is no product ${id}` },
    { 'Cache-Control': (asksFresh(c) ? CACHE_POLICY.fresh : CACHE_POLICY.missingProduct).http },
  );

function changed(
  { product, stock }: Stocked,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return new Response(productJson(product, stock), {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': CACHE_POLICY.personal.http,
      ETag: productTag(product.version, stock),
      ...headers,
    },
  });
}

const Tag = z.object({ ETag: z.string().openapi({ example: '"3-7"' }) });
const Created = Tag.extend({ Location: z.string() });
const NotModified = { description: 'Not modified: If-None-Match matches the current ETag' };

const readCategories = createRoute({
  operationId: 'readCategories',
  method: 'get',
  path: '/api/categories',
  tags: ['catalog'],
  summary: 'The categories that have products, and how many',
  request: { query: CategoryQuery },
  responses: responses(
    { 200: { description: 'A page, by name', schema: Categories, headers: Tag }, 304: NotModified },
    REFUSES.read,
    [CATALOG_BUSY],
  ),
});

const readProducts = createRoute({
  operationId: 'readProducts',
  method: 'get',
  path: '/api/products',
  tags: ['catalog'],
  summary: 'Products on sale: all, of a category, with some words',
  description: `One request reads a bounded part of the catalog. A search can therefore answer fewer products than
    \`limit\` with a \`next\`, which goes on where it stopped; with none at all it is refused as too broad.`,
  request: { query: ProductQuery },
  responses: responses(
    { 200: { description: 'A page of products', schema: ProductPage, headers: Tag }, 304: NotModified },
    REFUSES.read,
    [SEARCH_TOO_BROAD, CATALOG_BUSY],
  ),
});

const readProduct = createRoute({
  operationId: 'readProduct',
  method: 'get',
  path: '/api/products/{id}',
  tags: ['catalog'],
  summary: 'Read a product',
  request: { params: ById },
  responses: responses(
    { 200: { description: 'The product', schema: Product, headers: Tag }, 304: NotModified },
    REFUSES.read,
    [NO_SUCH_PRODUCT, TOO_MANY_UNKNOWN_IDS, CATALOG_BUSY],
  ),
});

const readOffSale = createRoute({
  operationId: 'readOffSale',
  method: 'get',
  path: '/api/off-sale',
  ...LOGGED_IN,
  tags: ['catalog'],
  summary: 'List the products that are off sale, newest first (staff)',
  request: { query: Paging },
  responses: responses({ 200: { description: 'A page of products', schema: OffSalePage } }, REFUSES.staff, [
    USERS_UNAVAILABLE,
  ]),
});

const createProduct = createRoute({
  operationId: 'createProduct',
  method: 'post',
  path: '/api/products',
  ...LOGGED_IN,
  tags: ['catalog'],
  summary: 'Create a product (staff)',
  request: {
    headers: IdempotencyKey.partial(),
    body: { required: true, content: { 'application/json': { schema: NewProduct } } },
  },
  responses: responses(
    {
      201: { description: 'The new product', schema: Product, headers: Created },
      200: {
        description: 'The product of an earlier request with this key',
        schema: Product,
        headers: Created,
      },
    },
    [...REFUSES.staff, ...REFUSES.change],
    [KEY_REUSED, USERS_UNAVAILABLE],
  ),
});

const editProduct = createRoute({
  operationId: 'editProduct',
  method: 'patch',
  path: '/api/products/{id}',
  ...LOGGED_IN,
  tags: ['catalog'],
  summary: 'Edit a product (staff), unless it was changed since you read it',
  request: {
    params: ById,
    headers: IfMatch,
    body: { required: true, content: { 'application/json': { schema: ProductEdits } } },
  },
  responses: responses(
    { 200: { description: 'The edited product', schema: Product, headers: Tag } },
    [...REFUSES.staff, ...REFUSES.change],
    [NO_SUCH_PRODUCT, IF_MATCH_NEEDED, CHANGED_MEANWHILE, USERS_UNAVAILABLE],
  ),
});
