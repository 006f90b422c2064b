import type { KnownProblem } from '../../shared/http/problems';

export interface Shortage {
  readonly productId: string;
  readonly asked: number;
  readonly available: number;
}

/** The stock does not cover a request to reserve; nothing was reserved. */
export class OutOfStockError extends Error {
  override name = 'OutOfStockError';
  constructor(readonly shortages: readonly Shortage[]) {
    super(`Nothing was reserved. Products with too few units in stock: ${shortages.length}`);
  }
}

/** Products of a request to reserve were taken off sale; nothing was reserved. */
export class NotOnSaleError extends Error {
  override name = 'NotOnSaleError';
  constructor(readonly productIds: readonly string[]) {
    super(`Nothing was reserved. Products that are no longer on sale: ${productIds.length}`);
  }
}

export interface HoldExcess {
  readonly limits: { readonly ofProduct: number; readonly altogether: number };
  /** Pieces, of all products. */
  readonly asked: number;
  readonly held: number;
  /** The products of which it would be too many. */
  readonly excesses: readonly {
    readonly productId: string;
    readonly asked: number;
    readonly held: number;
  }[];
}

/** An account would hold more than it may; nothing was reserved. */
export class HoldLimitError extends Error {
  override name = 'HoldLimitError';
  constructor(readonly excess: HoldExcess) {
    const { limits, asked, held, excesses } = excess;
    const [first] = excesses;
    const of = first ? ' of a product' : '';
    const counts = first ?? { asked, held };
    super(
      `Nothing was reserved: an account holds at most ${limits.ofProduct} of a product and ${limits.altogether} pieces ` +
        `altogether at a time. You hold ${counts.held}${of} and asked for ${counts.asked}: confirm or release what you ` +
        'hold, or ask for less',
    );
  }
}

/** One reservation holds prices in two currencies, which have no total. */
export class MixedCurrenciesError extends Error {
  override name = 'MixedCurrenciesError';
}

/** The reservation does not exist or belongs to another user. */
export class NoSuchReservationError extends Error {
  override name = 'NoSuchReservationError';
}

/** The reservation is from a time of which the shop keeps nothing at hand. */
export class ArchivedReservationError extends Error {
  override name = 'ArchivedReservationError';
  constructor(id: string, keptFrom: number) {
    const day = new Date(keptFrom).toISOString().slice(0, 10);
    super(
      `The reservation ${id} is from before ${day}: older ones that ended are in the shop's archive, where its staff ` +
        'can look it up by this id',
    );
  }
}

/** The reservation has already ended in another way. */
export class NotHeldError extends Error {
  override name = 'NotHeldError';
}

export const OUT_OF_STOCK = {
  error: OutOfStockError,
  status: 409,
  type: 'out-of-stock',
  title: 'Not enough in stock',
  members: ({ shortages }: OutOfStockError) => ({ shortages }),
} as const satisfies KnownProblem;

export const NOT_ON_SALE = {
  error: NotOnSaleError,
  status: 409,
  type: 'not-on-sale',
  title: 'No longer on sale',
  members: ({ productIds }: NotOnSaleError) => ({ productIds }),
} as const satisfies KnownProblem;

export const HOLD_LIMIT = {
  error: HoldLimitError,
  status: 409,
  type: 'hold-limit',
  title: 'An account may not hold that much at a time',
  members: ({ excess }: HoldLimitError) => ({ ...excess }),
} as const satisfies KnownProblem;

export const MIXED_CURRENCIES = {
  error: MixedCurrenciesError,
  status: 422,
  type: 'mixed-currencies',
  title: 'A reservation has one currency',
} as const satisfies KnownProblem;

export const NO_SUCH_RESERVATION = {
  error: NoSuchReservationError,
  status: 404,
  type: 'no-such-reservation',
  title: 'Reservation not found',
} as const satisfies KnownProblem;

export const NOT_HELD = {
  error: NotHeldError,
  status: 409,
  type: 'not-held',
  title: 'The reservation has already ended',
} as const satisfies KnownProblem;

export const ARCHIVED_RESERVATION = {
  error: ArchivedReservationError,
  status: 410,
  type: 'archived-reservation',
  title: 'The reservation is in the archive',
} as const satisfies KnownProblem;

export const reservationProblems: readonly KnownProblem[] = [
  OUT_OF_STOCK,
  NOT_ON_SALE,
  HOLD_LIMIT,
  MIXED_CURRENCIES,
  NO_SUCH_RESERVATION,
  ARCHIVED_RESERVATION,
  NOT_HELD,
];
