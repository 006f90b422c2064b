import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Identify, requireIdentity } from '../shared/identity';
import type { Sql } from '../shared/sql';
import { answer, answers, LOGGED_IN, REFUSES } from './answers';
import { type Reservation as Held, statusAt, total } from './reservation';
import { ownReservation, ownReservations } from './reservations';
import type { Reserve } from './reserving';
import { ById, IdempotencyKey, NewReservation, Paging, Reservation, ReservationPage } from './schemas';
import type { Settling } from './settling';

export interface ReservationRoutesDeps {
  readonly identify: Identify;
  readonly now: () => number;
  readonly reserve: Reserve;
  readonly settling: Settling;
  readonly sql: Sql;
}

/** A user's own reservations; other people's do not exist for them. */
export function reservationRoutes(
  app: OpenAPIHono,
  { identify, now, reserve, settling, sql }: ReservationRoutesDeps,
): void {
  const json = (held: Held) => ({
    id: held.id,
    status: statusAt(held, now()),
    items: held.items,
    total: total(held.items),
    createdAt: new Date(held.createdAt).toISOString(),
    expiresAt: new Date(held.expiresAt).toISOString(),
  });

  app.openapi(makeReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    const key = c.req.valid('header')['idempotency-key'];
    const { result, replayed } = await reserve(userId, key, c.req.valid('json').items);
    return answer(json(result), replayed ? 200 : 201, { Location: `/api/reservations/${result.id}` });
  });

  app.openapi(readReservations, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    const { items, next } = await ownReservations(sql, userId, c.req.valid('query'));
    return answer({ items: items.map(json), next });
  });

  app.openapi(readReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await ownReservation(sql, userId, c.req.valid('param').id)));
  });

  app.openapi(confirmReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await settling.confirm(userId, c.req.valid('param').id)));
  });

  app.openapi(releaseReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await settling.release(userId, c.req.valid('param').id)));
  });
}

const makeReservation = createRoute({
  method: 'post',
  path: '/api/reservations',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'Holds stock for a while: all of the items or none',
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewReservation } } },
  },
  responses: answers(
    {
      201: { description: 'Held until expiresAt', schema: Reservation },
      200: { description: 'Held before, by a request with this key', schema: Reservation },
    },
    [...REFUSES.user, ...REFUSES.change],
    ['out-of-stock', 'no-such-product', 'mixed-currencies', 'key-reused', 'users-unavailable'],
  ),
});

const readReservations = createRoute({
  method: 'get',
  path: '/api/reservations',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'Your reservations, newest first',
  request: { query: Paging },
  responses: answers({ 200: { description: 'A page', schema: ReservationPage } }, REFUSES.user, [
    'users-unavailable',
  ]),
});

const readReservation = createRoute({
  method: 'get',
  path: '/api/reservations/{id}',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'One of your reservations',
  request: { params: ById },
  responses: answers({ 200: { description: 'It', schema: Reservation } }, REFUSES.user, [
    'no-such-reservation',
    'users-unavailable',
  ]),
});

const settled = {
  ...LOGGED_IN,
  request: { params: ById },
  tags: ['reservations'],
  responses: answers(
    { 200: { description: 'Done, now or before', schema: Reservation } },
    [...REFUSES.user, ...REFUSES.change],
    ['no-such-reservation', 'not-held', 'users-unavailable'],
  ),
};

const confirmReservation = createRoute({
  method: 'post',
  path: '/api/reservations/{id}/confirm',
  summary: 'Buys what is held',
  ...settled,
});

const releaseReservation = createRoute({
  method: 'post',
  path: '/api/reservations/{id}/release',
  summary: 'Gives back what is held',
  ...settled,
});
