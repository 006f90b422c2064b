import type { PageOf } from '../../shared/sql/pagination';
import { allReservations, ownReservation, ownReservations } from './repository';
import { createTransitions, type TransitionsOptions } from './reservation-transitions';
import { createReserve, type ReserveOptions } from './reserve';

export interface ReservationsOptions extends ReserveOptions, TransitionsOptions {}

export type Reservations = ReturnType<typeof createReservations>;

/** Reservations, from request to end. */
export function createReservations(options: ReservationsOptions) {
  const { sql } = options;
  return {
    ...createTransitions(options),
    /** Reserves all items or none. @throws NoSuchProductError, OutOfStockError, MixedCurrenciesError, KeyReusedError */
    reserve: createReserve(options),
    /** @throws NoSuchReservationError if it does not exist or belongs to another user */
    find: (userId: string, id: string) => ownReservation(sql, userId, id),
    /** The user's reservations, newest first. */
    list: (userId: string, paging: PageOf) => ownReservations(sql, userId, paging),
    /** The reservations of all users, newest first. */
    listAll: (paging: PageOf) => allReservations(sql, paging),
  };
}
