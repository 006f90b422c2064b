import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Identify, requireStaff } from '../../shared/http/identity';
import { USERS_UNAVAILABLE } from '../../shared/http/problems';
import { answer, LOGGED_IN, REFUSES, responses } from '../../shared/http/responses';
import { NO_SUCH_PRODUCT } from '../catalog/errors';
import { KEY_REUSED } from '../errors';
import { ById, IdempotencyKey, Paging } from '../schemas';
import { STOCK_BELOW_RESERVED } from './errors';
import type { Entry as Line } from './ledger';
import { Entry, EntryPage, NewEntry, Stock } from './schemas';
import type { StockService } from './service';

export interface StockRoutesOptions {
  readonly identify: Identify;
  readonly stock: StockService;
}

/** The stock of a product and its history, for staff. */
export function stockRoutes(app: OpenAPIHono, { identify, stock }: StockRoutesOptions): void {
  app.openapi(readStock, async (c) => {
    await requireStaff(c, identify);
    return answer(await stock.of(c.req.valid('param').id));
  });

  app.openapi(readLedger, async (c) => {
    await requireStaff(c, identify);
    const { items, next } = await stock.ledger(c.req.valid('param').id, c.req.valid('query'));
    return answer({ items: items.map(entryJson), next });
  });

  app.openapi(writeLedger, async (c) => {
    const { userId } = await requireStaff(c, identify);
    const entry = { reason: null, ...c.req.valid('json') };
    const key = c.req.valid('header')['idempotency-key'];
    const { result, replayed } = await stock.write(c.req.valid('param').id, entry, userId, key);
    return answer(entryJson(result), replayed ? 200 : 201);
  });
}

const entryJson = (line: Line) => ({ ...line, at: new Date(line.at).toISOString() });

const readStock = createRoute({
  operationId: 'readStock',
  method: 'get',
  path: '/api/products/{id}/stock',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'Read the stock of a product: on hand, reserved, available (staff)',
  request: { params: ById },
  responses: responses({ 200: { description: 'The stock', schema: Stock } }, REFUSES.staff, [
    NO_SUCH_PRODUCT,
    USERS_UNAVAILABLE,
  ]),
});

const readLedger = createRoute({
  operationId: 'readLedger',
  method: 'get',
  path: '/api/products/{id}/ledger',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'List every change of the stock on hand, newest first (staff)',
  request: { params: ById, query: Paging },
  responses: responses({ 200: { description: 'A page of entries', schema: EntryPage } }, REFUSES.staff, [
    NO_SUCH_PRODUCT,
    USERS_UNAVAILABLE,
  ]),
});

const writeLedger = createRoute({
  operationId: 'writeLedger',
  method: 'post',
  path: '/api/products/{id}/ledger',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'Record received goods or a correction (staff)',
  request: {
    params: ById,
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewEntry } } },
  },
  responses: responses(
    {
      201: { description: 'The new entry', schema: Entry },
      200: { description: 'The entry of an earlier request with this key', schema: Entry },
    },
    [...REFUSES.staff, ...REFUSES.change],
    [NO_SUCH_PRODUCT, STOCK_BELOW_RESERVED, KEY_REUSED, USERS_UNAVAILABLE],
  ),
});
