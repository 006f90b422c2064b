import { draw } from './drawing';
import { byKey, type Call } from './history';
import { linearize, type Model } from './linearizability';
import { shortestPart } from './shortest-part';

export interface Verdict {
  readonly calls: number;
  /** Without an answer. */
  readonly unknown: number;
  readonly keys: number;
  /** Sentences with drawings, one for each key whose calls no order explains. */
  readonly wrong: readonly string[];
  /** Keys that took too many steps to decide. */
  readonly undecided: readonly string[];
}

export interface Judging<State, Request, Answer> {
  readonly modelOf: (key: string) => Model<State, Request, Answer>;
  /** A few words, for drawings. */
  readonly describe: (call: Call<Request, Answer>) => string;
  /** Tries of a call in a state until a key is undecided. Default 2,000,000. */
  readonly most?: number;
}

/** Judges a history, each key by itself. */
export function judge<State, Request, Answer>(
  calls: readonly Call<Request, Answer>[],
  { modelOf, describe, most }: Judging<State, Request, Answer>,
): Verdict {
  const keys = byKey(calls);
  const wrong: string[] = [];
  const undecided: string[] = [];
  for (const [key, own] of keys) {
    const model = modelOf(key);
    const outcome = linearize(model, own, most);
    if (outcome === 'undecided') undecided.push(key);
    if (outcome !== 'not linearizable') continue;
    const part = shortestPart(model, own);
    wrong.push(
      `no order explains ${part.length} of the ${own.length} calls of ${key}:\n${draw(part, describe)}`,
    );
  }
  const unknown = calls.filter(({ end }) => end === Number.POSITIVE_INFINITY).length;
  return { calls: calls.length, unknown, keys: keys.size, wrong, undecided };
}

/** One line. */
export const inWords = ({ calls, unknown, keys, wrong, undecided }: Verdict): string =>
  `${counted(calls, 'call')} (${unknown} without an answer) of ${counted(keys, 'key')}: ` +
  (wrong.length > 0
    ? `no order explains those of ${counted(wrong.length, 'key')}`
    : undecided.length > 0
      ? `those of ${counted(undecided.length, 'key')} were too many to decide, the others are linearizable`
      : 'linearizable');

const counted = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
