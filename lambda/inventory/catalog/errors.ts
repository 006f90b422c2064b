import type { KnownProblem } from '../../shared/http/problems';
import { RetryLaterError } from '../../shared/runtime/retry-later';
import { BusyError } from '../../shared/runtime/semaphore';

/** No product has the id. */
export class NoSuchProductError extends Error {
  override name = 'NoSuchProductError';
}

/** Too many of the unknown ids were of no product, so no more are looked up for a moment. */
export class TooManyUnknownIdsError extends RetryLaterError {
  override name = 'TooManyUnknownIdsError';
  constructor() {
    super('Too many products were asked for that do not exist: ask for this one again in a moment', 1);
  }
}

/** A search found no product before its limit of rows, and there are more to read. */
export class SearchTooBroadError extends Error {
  override name = 'SearchTooBroadError';
}

/** An edit without the version that it is based on. */
export class IfMatchNeededError extends Error {
  override name = 'IfMatchNeededError';
}

/** The product was changed after the version that an edit is based on. */
export class ChangedMeanwhileError extends Error {
  override name = 'ChangedMeanwhileError';
}

export const NO_SUCH_PRODUCT = {
  error: NoSuchProductError,
  status: 404,
  type: 'no-such-product',
  title: 'Product not found',
} as const satisfies KnownProblem;

export const TOO_MANY_UNKNOWN_IDS = {
  error: TooManyUnknownIdsError,
  status: 503,
  type: 'too-many-unknown-ids',
  title: 'Too many unknown products',
} as const satisfies KnownProblem;

export const CATALOG_BUSY = {
  error: BusyError,
  status: 503,
  type: 'busy',
  title: 'The server is busy',
} as const satisfies KnownProblem;

export const IF_MATCH_NEEDED = {
  error: IfMatchNeededError,
  status: 428,
  type: 'if-match-needed',
  title: 'If-Match is required',
} as const satisfies KnownProblem;

export const CHANGED_MEANWHILE = {
  error: ChangedMeanwhileError,
  status: 412,
  type: 'changed-meanwhile',
  title: 'The product was changed by someone else',
} as const satisfies KnownProblem;

export const SEARCH_TOO_BROAD = {
  error: SearchTooBroadError,
  status: 422,
  type: 'search-too-broad',
  title: 'This search would read too many products',
} as const satisfies KnownProblem;

export const catalogProblems: readonly KnownProblem[] = [
  SEARCH_TOO_BROAD,
  NO_SUCH_PRODUCT,
  TOO_MANY_UNKNOWN_IDS,
  CATALOG_BUSY,
  IF_MATCH_NEEDED,
  CHANGED_MEANWHILE,
];
