import type { KnownProblem } from '../../shared/http/problems';

/** A ledger entry would leave less stock than is reserved. */
export class StockBelowReservedError extends Error {
  override name = 'StockBelowReservedError';
}

export const STOCK_BELOW_RESERVED = {
  error: StockBelowReservedError,
  status: 409,
  type: 'stock-below-reserved',
  title: 'More units are reserved',
} as const satisfies KnownProblem;

export const stockProblems: readonly KnownProblem[] = [STOCK_BELOW_RESERVED];
