import type { Call } from './history';

/** The behaviour of one key if its calls come one after the other. */
export interface Model<State, Request, Answer> {
  readonly initial: State;
  /**
   * The state after a call: the same object if it changes nothing, and undefined if it cannot be answered so.
   * Without an answer, the state once the request was carried out.
   */
  apply(state: State, request: Request, answer: Answer | undefined): State | undefined;
  /** True if a call with this answer changes nothing: it may come as soon as it is right. */
  isIdle(call: Answered<Request, Answer>): boolean;
  /** The same of a call that changes something: no other one prevents it or waits for it. */
  isSafe(call: Answered<Request, Answer>): boolean;
  /**
   * Of a history: equal for calls that could be exchanged as long as none of them has ended. Of these, the search takes the
   * one that ends first. Undefined for a call that is like no other.
   */
  likeness(calls: readonly Call<Request, Answer>[]): (call: Call<Request, Answer>) => string | undefined;
  /** Equal for states that are reached by the same calls in different orders and behave alike from then on. */
  fingerprint(state: State): string;
}

type Answered<Request, Answer> = Pick<Call<Request, Answer>, 'request' | 'answer'>;

/** `undecided`: the search was ended by its bound. */
export type Outcome = 'linearizable' | 'not linearizable' | 'undecided';

/** Tries of a call in a state until a search gives up: a few seconds. */
const MOST_TRIES = 2_000_000;

/**
 * Searches an order of the calls of one key in which each gets its answer from the model, and none comes before one
 * that was answered before its start. This is the search of Wing and Gong with the memory of Lowe.
 */
export function linearize<State, Request, Answer>(
  model: Model<State, Request, Answer>,
  calls: readonly Call<Request, Answer>[],
  most = MOST_TRIES,
): Outcome {
  const pending = createPending(
    calls.filter((call) => call.end !== Number.POSITIVE_INFINITY || !model.isIdle(call)),
  );
  const likenessOf = model.likeness(calls);
  let tries = 0;
  const isSafe = (call: Call<Request, Answer>) => model.isIdle(call) || model.isSafe(call);
  const after = (state: State, { request, answer }: Call<Request, Answer>) => {
    tries++;
    return model.apply(state, request, answer);
  };

  /** The calls that may come next. */
  function* moves(state: State): Generator<Move<State>> {
    const open = pending.required().map((place) => ({ place, call: pending.callAt(place) }));
    for (const { place, call } of open) {
      const next = isSafe(call) ? after(state, call) : undefined;
      if (next !== undefined) return yield { place, next };
    }
    const tried = new Set<string | undefined>();
    for (const { place, call } of open) {
      if (isSafe(call)) continue;
      const likeness = likenessOf(call);
      if (tried.has(likeness)) continue;
      if (likeness !== undefined) tried.add(likeness);
      const next = after(state, call);
      if (next !== undefined) yield { place, next };
      if (next === state) return;
    }
    for (const place of pending.optional()) {
      const call = pending.callAt(place);
      const likeness = likenessOf(call);
      if (tried.has(likeness)) continue;
      if (likeness !== undefined) tried.add(likeness);
      const next = after(state, call);
      if (next !== undefined && next !== state) yield { place, next };
    }
  }

  const seen = new Set<string>();
  const path: { readonly place: Place | undefined; readonly moves: Generator<Move<State>> }[] = [];
  const enter = (place: Place | undefined, state: State) => path.push({ place, moves: moves(state) });
  enter(undefined, model.initial);
  while (pending.left() > 0) {
    const at = path.at(-1);
    if (!at) return 'not linearizable';
    if (tries > most) return 'undecided';
    const { value: move } = at.moves.next();
    if (!move) {
      path.pop();
      if (at.place) pending.undo(at.place);
      continue;
    }
    pending.take(move.place);
    const reached = `${pending.fingerprint()}${model.fingerprint(move.next)}`;
    if (seen.has(reached)) {
      pending.undo(move.place);
      continue;
    }
    seen.add(reached);
    enter(move.place, move.next);
  }
  return 'linearizable';
}

type Place = { readonly required: number } | { readonly alike: number };

interface Move<State> {
  readonly place: Place;
  readonly next: State;
}

/** The calls that were not taken yet: required ones by their places in the order of starts, and classes of optional ones. */
function createPending<Request, Answer>(calls: readonly Call<Request, Answer>[]) {
  const order = [...calls].sort((a, b) => a.start - b.start || a.end - b.end);
  const required = order.filter(({ end }) => end !== Number.POSITIVE_INFINITY);
  /** Calls that are alike are taken in the order of their starts: a later one could be exchanged for the first. */
  const classes = alike(order.filter(({ end }) => end === Number.POSITIVE_INFINITY));
  /** Numbers of calls that were taken, by class. */
  const counts = new Uint16Array(classes.length);
  /** A bit a required call: in 16 bits each, which are a character of the fingerprint. */
  const taken = new Uint16Array(Math.ceil(required.length / 16));
  const isTaken = (place: number) => (((taken[place >> 4] ?? 0) >> (place & 15)) & 1) === 1;
  const flip = (place: number) => {
    taken[place >> 4] = (taken[place >> 4] ?? 0) ^ (1 << (place & 15));
  };
  let left = required.length;
  /** No required call before it is left. */
  let first = 0;

  /** Those that may come next, and the time from which a start has to wait. */
  const open = () => {
    while (first < required.length && isTaken(first)) first++;
    const places: number[] = [];
    let deadline = Number.POSITIVE_INFINITY;
    for (let place = first; place < required.length; place++) {
      const { start, end } = required[place] as Call<Request, Answer>;
      if (start >= deadline) break;
      if (isTaken(place)) continue;
      places.push(place);
      deadline = Math.min(deadline, end);
    }
    return { places, deadline };
  };
  const endOf = (place: number) => required[place]?.end ?? 0;
  const count = (one: number, by: 1 | -1) => {
    counts[one] = (counts[one] ?? 0) + by;
  };

  return {
    left: () => left,
    take: (place: Place) => {
      if ('alike' in place) return count(place.alike, 1);
      flip(place.required);
      left--;
    },
    undo: (place: Place) => {
      if ('alike' in place) return count(place.alike, -1);
      flip(place.required);
      left++;
      first = Math.min(first, place.required);
    },
    callAt: (place: Place) =>
      ('alike' in place
        ? classes[place.alike]?.[counts[place.alike] ?? 0]
        : required[place.required]) as Call<Request, Answer>,
    /** Those that ended first are first. */
    required: (): Place[] =>
      open()
        .places.sort((a, b) => endOf(a) - endOf(b))
        .map((place) => ({ required: place })),
    /** Those that began first are first. */
    optional: (): Place[] => {
      const { deadline } = open();
      return classes
        .flatMap((calls, place) => {
          const next = calls[counts[place] ?? 0];
          return next && next.start < deadline ? [{ alike: place, start: next.start }] : [];
        })
        .sort((a, b) => a.start - b.start);
    },
    fingerprint: () => {
      let from = first >> 4;
      while (taken[from] === 0xffff) from++;
      let to = taken.length;
      while (to > from && taken[to - 1] === 0) to--;
      return `${from}:${String.fromCharCode(...taken.subarray(from, to))}:${String.fromCharCode(...counts)}`;
    },
  };
}

function alike<Request, Answer>(calls: readonly Call<Request, Answer>[]): Call<Request, Answer>[][] {
  const classes = new Map<string, Call<Request, Answer>[]>();
  for (const call of calls) {
    const name = JSON.stringify([call.request, call.answer]);
    const others = classes.get(name);
    if (others) others.push(call);
    else classes.set(name, [call]);
  }
  return [...classes.values()];
}
