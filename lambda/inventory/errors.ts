import { type KnownProblem, USERS_UNAVAILABLE } from '../shared/http/problems';
import { catalogProblems } from './catalog/errors';
import { photoProblems } from './photos/errors';
import { reservationProblems } from './reservations/errors';
import { stockProblems } from './stock/errors';
/** An Idempotency-Key was reused for a different request. */
export class KeyReusedError extends Error {
  override name = 'KeyReusedError';
}

export const KEY_REUSED = {
  error: KeyReusedError,
  status: 422,
  type: 'key-reused',
  title: 'Idempotency-Key was used for a different request',
} as const satisfies KnownProblem;

/** Every error of the service that has a problem type of its own. */
export const inventoryProblems: readonly KnownProblem[] = [
  ...catalogProblems,
  ...stockProblems,
  ...reservationProblems,
  ...photoProblems,
  KEY_REUSED,
  USERS_UNAVAILABLE,
];
