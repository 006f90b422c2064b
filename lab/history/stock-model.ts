import type { Call } from './history';
import type { Model } from './linearizability';
import { type PersistentMap, persistentMap } from './persistent-map';

/** Calls about one product. */
export type StockRequest =
  | { readonly kind: 'reserve'; readonly quantity: number }
  | { readonly kind: 'confirm' | 'release'; readonly id: string }
  /** Nobody calls them, and they have no answer: its time is over, and later its pieces go back. */
  | { readonly kind: 'lapse' | 'expire'; readonly id: string }
  | { readonly kind: 'add'; readonly pieces: number }
  | { readonly kind: 'read' };

export type StockAnswer =
  | { readonly kind: 'reserved'; readonly id: string }
  | { readonly kind: 'done' }
  /** A reservation: too few pieces. Its end: it had ended in another way. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'available'; readonly pieces: number };

export type StockCall = Call<StockRequest, StockAnswer>;

interface Reserved {
  readonly quantity: number;
  readonly status: 'held' | 'confirmed' | 'released' | 'lapsed' | 'expired';
}

export interface Stock {
  readonly available: number;
  readonly reservations: PersistentMap<Reserved>;
}

const ENDINGS = { confirm: 'confirmed', release: 'released', lapse: 'lapsed', expire: 'expired' } as const;

/** A product with so many pieces: reserved while there are enough, and each reservation ends once. */
export function stockModel(pieces: number): Model<Stock, StockRequest, StockAnswer> {
  return {
    initial: { available: pieces, reservations: persistentMap() },
    apply: (state, request, answer) => {
      switch (request.kind) {
        case 'reserve':
          return reserve(state, request.quantity, answer);
        case 'add':
          return add(state, request.pieces);
        case 'read':
          return answer?.kind !== 'available' || answer.pieces === state.available ? state : undefined;
        default:
          return end(state, request.id, ENDINGS[request.kind], answer);
      }
    },
    isIdle: ({ request, answer }) => request.kind === 'read' || answer?.kind === 'refused',
    // A reservation that is confirmed sooner or later is never released, so nothing waits for it.
    isSafe: ({ request }) => request.kind === 'confirm',
    likeness,
    // The rest follows from the calls: a call without an effect is never taken if it has no answer.
    fingerprint: ({ available }) => String(available),
  };
}

/** Reservations of as many pieces are alike, unless another call names one before it is answered. */
function likeness(calls: readonly StockCall[]): (call: StockCall) => string | undefined {
  const named = new Map<string, number>();
  for (const { request, start } of calls) {
    if ('id' in request) named.set(request.id, Math.min(start, named.get(request.id) ?? start));
  }
  return ({ request, answer, end }) => {
    if (request.kind !== 'reserve') return undefined;
    const isNamed = answer?.kind === 'reserved' && (named.get(answer.id) ?? end) < end;
    return isNamed ? undefined : `reserve ${request.quantity}`;
  };
}

const add = (state: Stock, pieces: number): Stock | undefined =>
  state.available + pieces < 0 ? undefined : { ...state, available: state.available + pieces };

function reserve(state: Stock, quantity: number, answer: StockAnswer | undefined): Stock | undefined {
  const isEnough = quantity <= state.available;
  if (answer?.kind === 'refused') return isEnough ? undefined : state;
  if (!isEnough) return undefined;
  const available = state.available - quantity;
  if (answer?.kind !== 'reserved') return { ...state, available };
  if (state.reservations.get(answer.id)) return undefined;
  return { available, reservations: state.reservations.with(answer.id, { quantity, status: 'held' }) };
}

function end(
  state: Stock,
  id: string,
  status: Reserved['status'],
  answer: StockAnswer | undefined,
): Stock | undefined {
  const was = state.reservations.get(id);
  if (!was) return undefined;
  if (answer?.kind === 'refused') return was.status !== 'held' && was.status !== status ? state : undefined;
  // Once more is as good as once.
  if (was.status === status) return state;
  if (was.status !== 'held' && !(was.status === 'lapsed' && status === 'expired')) return undefined;
  const goesBack = status === 'released' || status === 'expired';
  return {
    available: state.available + (goesBack ? was.quantity : 0),
    reservations: state.reservations.with(id, { ...was, status }),
  };
}

/**
 * The calls, and the ends of the times of reservations, which may have come from `holdMs` after they were asked for, or
 * never. Those that were confirmed or released in time have no such end.
 */
export function withExpiry(calls: readonly StockCall[], holdMs: number): StockCall[] {
  const last = calls.reduce((latest, { start }) => Math.max(latest, start), Number.NEGATIVE_INFINITY);
  const ended = new Set(
    calls.flatMap(({ request, answer }) => ('id' in request && answer?.kind === 'done' ? [request.id] : [])),
  );
  const nobody = (kind: 'lapse' | 'expire') =>
    calls.flatMap(({ key, start, answer }): StockCall[] => {
      if (answer?.kind !== 'reserved' || ended.has(answer.id) || start + holdMs > last) return [];
      const request = { kind, id: answer.id };
      const end = Number.POSITIVE_INFINITY;
      return [{ client: 'time', key, start: start + holdMs, end, request, answer: undefined }];
    });
  return [...calls, ...nobody('lapse'), ...nobody('expire')];
}

export function describeStock({ request, answer }: StockCall): string {
  const asked = Object.values(request).join(' ');
  if (!answer) return `${asked}: no answer`;
  return `${asked}: ${Object.values(answer).join(' ')}`;
}
