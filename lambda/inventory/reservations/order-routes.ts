import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { requireStaff } from '../../shared/http/identity';
import { USERS_UNAVAILABLE } from '../../shared/http/problems';
import { answer, LOGGED_IN, REFUSES, responses } from '../../shared/http/responses';
import type { Logger } from '../../shared/runtime/log';
import { Paging } from '../schemas';
import { type ReservationRoutesOptions, reservationJson } from './routes';
import { OrderPage } from './schemas';

/** The present names of users by id; those of unknown users are left out. The user service answers it. */
export type NamesOf = (userIds: string[]) => Promise<Readonly<Record<string, string>>>;

export interface OrderRoutesOptions extends ReservationRoutesOptions {
  readonly namesOf: NamesOf;
  readonly log: Logger;
}

/** The reservations of everybody, for staff: rows of this service, with names of the other one. */
export function orderRoutes(
  app: OpenAPIHono,
  { identify, now, reservations, namesOf, log }: OrderRoutesOptions,
): void {
  app.openapi(readOrders, async (c) => {
    await requireStaff(c, identify);
    const { items, next } = await reservations.listAll(c.req.valid('query'));
    const buyers = [...new Set(items.flatMap(({ userId }) => userId ?? []))];
    // A list without names is of more use than none.
    const names = await namesOf(buyers).catch((error: unknown) => {
      log.warn({ err: error }, 'orders are shown without the names of buyers');
      return {} as Awaited<ReturnType<NamesOf>>;
    });
    const orders = items.map((held) => ({
      ...reservationJson(held, now()),
      buyer: held.userId === null ? null : { id: held.userId, name: names[held.userId] },
    }));
    return answer({ items: orders, next });
  });
}

const readOrders = createRoute({
  operationId: 'readOrders',
  method: 'get',
  path: '/api/orders',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'List the reservations of all customers, newest first',
  request: { query: Paging },
  responses: responses({ 200: { description: 'A page of orders', schema: OrderPage } }, REFUSES.staff, [
    USERS_UNAVAILABLE,
  ]),
});
