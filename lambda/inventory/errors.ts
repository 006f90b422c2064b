import { UsersUnavailableError } from '../shared/identify-over-http';
import type { KnownProblem } from '../shared/problems';

/** No product has the id. */
export class NoSuchProductError extends Error {
  override name = 'NoSuchProductError';
}

/** An edit did not say which version it is based on. */
export class IfMatchNeededError extends Error {
  override name = 'IfMatchNeededError';
}

/** Somebody else edited the product since the version that an edit is based on. */
export class ChangedMeanwhileError extends Error {
  override name = 'ChangedMeanwhileError';
}

/** A ledger entry would leave less on hand than is reserved. */
export class StockBelowReservedError extends Error {
  override name = 'StockBelowReservedError';
}

export interface Shortage {
  readonly productId: string;
  readonly asked: number;
  readonly available: number;
}

/** Less is available than somebody wants to reserve; nothing was reserved. */
export class OutOfStockError extends Error {
  override name = 'OutOfStockError';
  constructor(readonly shortages: readonly Shortage[]) {
    super(
      `Nothing was reserved, since of ${shortages.length} of the products fewer are available than were asked for`,
    );
  }
}

/** One reservation holds prices in two currencies, which have no total. */
export class MixedCurrenciesError extends Error {
  override name = 'MixedCurrenciesError';
}

/** An Idempotency-Key came again with another request. */
export class KeyReusedError extends Error {
  override name = 'KeyReusedError';
}

/** The reservation does not exist, or it is somebody else's. */
export class NoSuchReservationError extends Error {
  override name = 'NoSuchReservationError';
}

/** The reservation ended otherwise meanwhile. */
export class NotHeldError extends Error {
  override name = 'NotHeldError';
}

export const inventoryProblems: readonly KnownProblem[] = [
  { error: NoSuchProductError, status: 404, type: 'no-such-product', title: 'There is no such product' },
  {
    error: IfMatchNeededError,
    status: 428,
    type: 'if-match-needed',
    title: 'Say which version you edit: If-Match',
  },
  {
    error: ChangedMeanwhileError,
    status: 412,
    type: 'changed-meanwhile',
    title: 'Somebody edited it meanwhile',
  },
  {
    error: StockBelowReservedError,
    status: 409,
    type: 'stock-below-reserved',
    title: 'More than that is reserved',
  },
  {
    error: MixedCurrenciesError,
    status: 422,
    type: 'mixed-currencies',
    title: 'One reservation, one currency',
  },
  {
    error: OutOfStockError,
    status: 409,
    type: 'out-of-stock',
    title: 'Not enough is available',
    members: ({ shortages }: OutOfStockError) => ({ shortages }),
  },
  { error: KeyReusedError, status: 422, type: 'key-reused', title: 'This key belongs to another request' },
  {
    error: NoSuchReservationError,
    status: 404,
    type: 'no-such-reservation',
    title: 'There is no such reservation',
  },
  { error: NotHeldError, status: 409, type: 'not-held', title: 'The reservation is no longer held' },
  {
    error: UsersUnavailableError,
    status: 503,
    type: 'users-unavailable',
    title: 'Who you are cannot be told now',
  },
];
