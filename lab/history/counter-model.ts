import type { Call } from './history';
import type { Model } from './linearizability';

/** Calls about one number, which begins at 0. Rows can be counted so, too: the insert of one is an increment by 1. */
export interface CounterRequest {
  readonly kind: 'increment' | 'read';
}

export type CounterAnswer =
  | { readonly kind: 'done' }
  /** It was not incremented. */
  | { readonly kind: 'refused' }
  /** Of an increment: the new value. */
  | { readonly kind: 'value'; readonly value: number };

export type CounterCall = Call<CounterRequest, CounterAnswer>;

/** A number that increases by 1 with each increment that is not refused. */
export const counterModel: Model<number, CounterRequest, CounterAnswer> = {
  initial: 0,
  apply: (value, { kind }, answer) => {
    if (answer?.kind === 'refused') return value;
    const next = kind === 'increment' ? value + 1 : value;
    return answer?.kind !== 'value' || answer.value === next ? next : undefined;
  },
  isIdle: ({ request, answer }) => request.kind === 'read' || answer?.kind === 'refused',
  isSafe: () => false,
  likeness:
    () =>
    ({ answer }) =>
      answer?.kind === 'value' ? undefined : 'increment',
  // The value follows from the calls.
  fingerprint: () => '',
};

export const describeCounter = ({ request, answer }: CounterCall): string =>
  `${request.kind}: ${answer ? Object.values(answer).join(' ') : 'no answer'}`;
