import type { Call } from './history';
import { linearize, type Model } from './linearizability';

/** Of a search among many, and for each call: a part that cannot be decided quickly is no better part. */
const MOST_TRIES = 10_000;
const MOST_TRIES_PER_CALL = 5;
const MOST_SEARCHES = 200;
/** In long histories, those that contradict each other mostly are among as many last ones, or twice as many. */
const FEW_CALLS = 8;

/**
 * The fewest calls, of a history that is not linearizable, that were found to contradict each other: no order explains
 * them, even if each other call happened at any time or never. In the order of their starts.
 */
export function shortestPart<State, Request, Answer>(
  model: Model<State, Request, Answer>,
  calls: readonly Call<Request, Answer>[],
): Call<Request, Answer>[] {
  const isWrong = (some: readonly Call<Request, Answer>[]) =>
    linearize(model, some, MOST_TRIES + MOST_TRIES_PER_CALL * some.length) === 'not linearizable';
  const begun = firstWrong(calls, isWrong);
  const isContradicted = (some: ReadonlySet<Call<Request, Answer>>) =>
    isWrong(begun.map((call) => (some.has(call) ? call : atAnyTime(call))));
  let last = FEW_CALLS;
  while (last < begun.length && !isContradicted(new Set(begun.slice(-last)))) last *= 2;
  const needed = new Set(begun.slice(-last));
  let searches = 0;
  for (let size = Math.ceil(needed.size / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    const candidates = [...needed];
    for (let from = 0; from < candidates.length && searches < MOST_SEARCHES; from += size) {
      const some = candidates.slice(from, from + size);
      for (const call of some) needed.delete(call);
      searches++;
      if (!isContradicted(needed)) for (const call of some) needed.add(call);
    }
  }
  return begun.filter((call) => needed.has(call));
}

/** The history up to the first answer that contradicts those before it. */
function firstWrong<Request, Answer>(
  calls: readonly Call<Request, Answer>[],
  isWrong: (calls: readonly Call<Request, Answer>[]) => boolean,
): Call<Request, Answer>[] {
  const ordered = [...calls].sort((a, b) => a.start - b.start);
  const ends = ordered.map(({ end }) => end).sort((a, b) => a - b);
  let [right, wrong] = [-1, ends.length - 1];
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (isWrong(until(ordered, ends[middle] ?? 0))) wrong = middle;
    else right = middle;
  }
  return until(ordered, ends[wrong] ?? 0);
}

/** The calls that had begun by a time, with the answers of those that had ended. */
const until = <Request, Answer>(calls: readonly Call<Request, Answer>[], time: number) =>
  calls
    .filter(({ start }) => start <= time)
    .map((call) => (call.end > time ? { ...call, end: Number.POSITIVE_INFINITY, answer: undefined } : call));

const atAnyTime = <Request, Answer>(call: Call<Request, Answer>): Call<Request, Answer> => ({
  ...call,
  start: Number.NEGATIVE_INFINITY,
  end: Number.POSITIVE_INFINITY,
});
