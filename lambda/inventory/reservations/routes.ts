import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Identify, requireIdentity } from '../../shared/http/identity';
import { USERS_UNAVAILABLE } from '../../shared/http/problems';
import { answer, LOGGED_IN, REFUSES, responses } from '../../shared/http/responses';
import { NO_SUCH_PRODUCT } from '../catalog/errors';
import { KEY_REUSED } from '../errors';
import { ById, IdempotencyKey, Paging } from '../schemas';
import {
  ARCHIVED_RESERVATION,
  HOLD_LIMIT,
  MIXED_CURRENCIES,
  NO_SUCH_RESERVATION,
  NOT_HELD,
  NOT_ON_SALE,
  OUT_OF_STOCK,
} from './errors';
import { HOLD_LIMITS } from './holding';
import { type Reservation as Held, statusAt, total } from './reservation';
import { NewReservation, Reservation, ReservationPage } from './schemas';
import type { Reservations } from './service';

export interface ReservationRoutesOptions {
  readonly identify: Identify;
  readonly now: () => number;
  readonly reservations: Reservations;
}

/** The user's own reservations: those of other users are not found. */
export function reservationRoutes(
  app: OpenAPIHono,
  { identify, now, reservations }: ReservationRoutesOptions,
): void {
  const json = (held: Held) => reservationJson(held, now());

  app.openapi(makeReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    const key = c.req.valid('header')['idempotency-key'];
    const { result, replayed } = await reservations.reserve(userId, key, c.req.valid('json').items);
    return answer(json(result), replayed ? 200 : 201, { Location: `/api/reservations/${result.id}` });
  });

  app.openapi(readReservations, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    const { items, next } = await reservations.list(userId, c.req.valid('query'));
    return answer({ items: items.map(json), next });
  });

  app.openapi(readReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await reservations.find(userId, c.req.valid('param').id)));
  });

  app.openapi(confirmReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await reservations.confirm(userId, c.req.valid('param').id)));
  });

  app.openapi(releaseReservation, async (c) => {
    const { userId } = await requireIdentity(c, identify);
    return answer(json(await reservations.release(userId, c.req.valid('param').id)));
  });
}

export const reservationJson = (held: Held, now: number) => ({
  id: held.id,
  status: statusAt(held, now),
  items: held.items,
  total: total(held.items),
  createdAt: new Date(held.createdAt).toISOString(),
  expiresAt: new Date(held.expiresAt).toISOString(),
});

const makeReservation = createRoute({
  operationId: 'makeReservation',
  method: 'post',
  path: '/api/reservations',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'Holds stock for a while: all of the items or none',
  description: `An account holds at most ${HOLD_LIMITS.ofProduct} of a product and ${HOLD_LIMITS.altogether} pieces altogether at a time.`,
  request: {
    headers: IdempotencyKey,
    body: { required: true, content: { 'application/json': { schema: NewReservation } } },
  },
  responses: responses(
    {
      201: { description: 'The new reservation, held until expiresAt', schema: Reservation },
      200: { description: 'The reservation of an earlier request with this key', schema: Reservation },
    },
    [...REFUSES.user, ...REFUSES.change],
    [OUT_OF_STOCK, NOT_ON_SALE, HOLD_LIMIT, NO_SUCH_PRODUCT, MIXED_CURRENCIES, KEY_REUSED, USERS_UNAVAILABLE],
  ),
});

const readReservations = createRoute({
  operationId: 'readReservations',
  method: 'get',
  path: '/api/reservations',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'List your reservations, newest first',
  request: { query: Paging },
  responses: responses(
    { 200: { description: 'A page of reservations', schema: ReservationPage } },
    REFUSES.user,
    [USERS_UNAVAILABLE],
  ),
});

const readReservation = createRoute({
  operationId: 'readReservation',
  method: 'get',
  path: '/api/reservations/{id}',
  ...LOGGED_IN,
  tags: ['reservations'],
  summary: 'Read one of your reservations',
  request: { params: ById },
  responses: responses({ 200: { description: 'The reservation', schema: Reservation } }, REFUSES.user, [
    NO_SUCH_RESERVATION,
    ARCHIVED_RESERVATION,
    USERS_UNAVAILABLE,
  ]),
});

const settled = {
  ...LOGGED_IN,
  request: { params: ById },
  tags: ['reservations'],
  responses: responses(
    { 200: { description: 'The ended reservation, also if it had ended so before', schema: Reservation } },
    [...REFUSES.user, ...REFUSES.change],
    [NO_SUCH_RESERVATION, ARCHIVED_RESERVATION, NOT_HELD, USERS_UNAVAILABLE],
  ),
};

const confirmReservation = createRoute({
  operationId: 'confirmReservation',
  method: 'post',
  path: '/api/reservations/{id}/confirm',
  summary: 'Confirm a reservation: buys its items',
  ...settled,
});

const releaseReservation = createRoute({
  operationId: 'releaseReservation',
  method: 'post',
  path: '/api/reservations/{id}/release',
  summary: 'Release a reservation: returns its items to stock',
  ...settled,
});
