import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { CACHING } from '../shared/caching';
import { type Identify, requireStaff } from '../shared/identity';
import { answerInvalid, problem } from '../shared/problems';
import { answers, LOGGED_IN, REFUSES } from './answers';
import type { Catalog, Stocked } from './catalog';
import { matchesVersion, noneMatch, productTag } from './entity-tags';
import { IfMatchNeededError } from './errors';
import { productJson } from './product';
import { MISSING, type Ready, type ReadyAnswers } from './ready';
import {
  ById,
  Categories,
  IfMatch,
  NewProduct,
  Product,
  ProductEdits,
  ProductPage,
  ProductQuery,
} from './schemas';

export interface CatalogRoutesDeps {
  readonly identify: Identify;
  readonly catalog: Catalog;
  readonly readyAnswers: ReadyAnswers;
}

/**
 * Reads are registered without the library's validators: they are the hot path, answered with ready bytes.
 * They check what they are given with the schemas that document them all the same.
 */
export function catalogRoutes(
  app: OpenAPIHono,
  { identify, catalog, readyAnswers }: CatalogRoutesDeps,
): void {
  app.openAPIRegistry.registerPath(readCategories);
  app.get(readCategories.path, async (c) => respond(c, await readyAnswers.categories(wrote(c))));

  app.openAPIRegistry.registerPath(readProducts);
  app.get(readProducts.path, async (c) => {
    const query = ProductQuery.safeParse(c.req.query());
    if (!query.success) return answerInvalid(query.error, 'query');
    return respond(c, await readyAnswers.list(query.data, wrote(c)));
  });

  app.openAPIRegistry.registerPath(readProduct);
  app.get(readProduct.getRoutingPath(), async (c) => {
    const params = ById.safeParse(c.req.param());
    if (!params.success) return answerInvalid(params.error, 'param');
    const found = await readyAnswers.product(params.data.id, wrote(c));
    return found === MISSING ? missing(c, params.data.id) : respond(c, found);
  });

  app.openapi(createProduct, async (c) => {
    await requireStaff(c, identify);
    const created = await catalog.create(c.req.valid('json'));
    return changed(created, 201, { Location: `/api/products/${created.product.id}` });
  });

  app.openapi(editProduct, async (c) => {
    await requireStaff(c, identify);
    const base = c.req.valid('header')['if-match'];
    if (base === undefined)
      throw new IfMatchNeededError('Send the ETag that you got the product with as If-Match');
    const mayEdit = (version: number) => matchesVersion(base, version);
    return changed(await catalog.edit(c.req.valid('param').id, mayEdit, c.req.valid('json')), 200);
  });
}

/** Our proxy says so of who changed something a moment ago: they see it, whichever process answers. */
const wrote = (c: Context): boolean => c.req.header('x-fresh') === '1';

function respond(c: Context, { body, headers: usual }: Ready): Response {
  const headers = wrote(c) ? { ...usual, 'Cache-Control': CACHING.fresh.http } : usual;
  return noneMatch(c.req.header('if-none-match'), headers.ETag)
    ? new Response(null, {
        status: 304,
        headers: { 'Cache-Control': headers['Cache-Control'], ETag: headers.ETag },
      })
    : new Response(body, { headers });
}

const missing = (c: Context, id: string): Response =>
  problem(
    {
      type: 'no-such-product',
      title: 'There is no such product',
      status: 404,
      detail: `There is no product ${id}`,
    },
    { 'Cache-Control': (wrote(c) ? CACHING.fresh : CACHING.missingProduct).http },
  );

function changed(
  { product, available }: Stocked,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return new Response(productJson(product, available), {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': CACHING.personal.http,
      ETag: productTag(product.version, available),
      ...headers,
    },
  });
}

const Tag = z.object({ ETag: z.string().openapi({ example: '"3-7"' }) });
const NotModified = { description: 'If-None-Match names what you have already' };

const readCategories = createRoute({
  method: 'get',
  path: '/api/categories',
  tags: ['catalog'],
  summary: 'The categories that have products, and how many',
  responses: answers(
    { 200: { description: 'By name', schema: Categories, headers: Tag }, 304: NotModified },
    [],
  ),
});

const readProducts = createRoute({
  method: 'get',
  path: '/api/products',
  tags: ['catalog'],
  summary: 'Products, newest first: all, of a category, with some words',
  request: { query: ProductQuery },
  responses: answers(
    { 200: { description: 'A page', schema: ProductPage, headers: Tag }, 304: NotModified },
    REFUSES.read,
  ),
});

const readProduct = createRoute({
  method: 'get',
  path: '/api/products/{id}',
  tags: ['catalog'],
  summary: 'One product',
  request: { params: ById },
  responses: answers(
    { 200: { description: 'The product', schema: Product, headers: Tag }, 304: NotModified },
    REFUSES.read,
    ['no-such-product'],
  ),
});

const createProduct = createRoute({
  method: 'post',
  path: '/api/products',
  ...LOGGED_IN,
  tags: ['catalog'],
  summary: 'Adds a product (staff)',
  request: { body: { required: true, content: { 'application/json': { schema: NewProduct } } } },
  responses: answers(
    { 201: { description: 'Added', schema: Product, headers: Tag.extend({ Location: z.string() }) } },
    [...REFUSES.staff, ...REFUSES.change],
    ['users-unavailable'],
  ),
});

const editProduct = createRoute({
  method: 'patch',
  path: '/api/products/{id}',
  ...LOGGED_IN,
  tags: ['catalog'],
  summary: 'Edits a product (staff), unless somebody else did since you got it',
  request: {
    params: ById,
    headers: IfMatch,
    body: { required: true, content: { 'application/json': { schema: ProductEdits } } },
  },
  responses: answers(
    { 200: { description: 'Edited', schema: Product, headers: Tag } },
    [...REFUSES.staff, ...REFUSES.change],
    ['no-such-product', 'if-match-needed', 'changed-meanwhile', 'users-unavailable'],
  ),
});
