import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Identify, requireStaff } from '../shared/identity';
import { answer, answers, LOGGED_IN, REFUSES } from './answers';
import { ById, Entry, EntryPage, IdempotencyKey, NewEntry, Paging, Stock } from './schemas';
import type { Entry as Line, StockKeeping } from './stock';

export interface StockRoutesDeps {
  readonly identify: Identify;
  readonly stock: StockKeeping;
}

/** Staff's view of how many there are, and why. */
export function stockRoutes(app: OpenAPIHono, { identify, stock }: StockRoutesDeps): void {
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
  method: 'get',
  path: '/api/products/{id}/stock',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'How many are on hand, reserved, available (staff)',
  request: { params: ById },
  responses: answers({ 200: { description: 'The stock', schema: Stock } }, REFUSES.staff, [
    'no-such-product',
    'users-unavailable',
  ]),
});

const readLedger = createRoute({
  method: 'get',
  path: '/api/products/{id}/ledger',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'Every change of what is on hand, newest first (staff)',
  request: { params: ById, query: Paging },
  responses: answers({ 200: { description: 'A page', schema: EntryPage } }, REFUSES.staff, [
    'no-such-product',
    'users-unavailable',
  ]),
});

const writeLedger = createRoute({
  method: 'post',
  path: '/api/products/{id}/ledger',
  ...LOGGED_IN,
  tags: ['stock'],
  summary: 'Writes down goods that came, or a correction (staff)',
  request: {
    params: ById,
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewEntry } } },
  },
  responses: answers(
    {
      201: { description: 'Written', schema: Entry },
      200: { description: 'Written before, by a request with this key', schema: Entry },
    },
    [...REFUSES.staff, ...REFUSES.change],
    ['no-such-product', 'stock-below-reserved', 'key-reused', 'users-unavailable'],
  ),
});
