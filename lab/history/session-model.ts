import type { Call } from './history';
import type { Model } from './linearizability';
import { type PersistentMap, persistentMap } from './persistent-map';

/** Calls about the sessions of one account. */
export type SessionRequest =
  | { readonly kind: 'log in' }
  | { readonly kind: 'end'; readonly session: string }
  | { readonly kind: 'identify'; readonly session: string };

export type SessionAnswer =
  | { readonly kind: 'begun'; readonly session: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'accepted' }
  /** There is no such session, or not any more. */
  | { readonly kind: 'refused' };

export type SessionCall = Call<SessionRequest, SessionAnswer>;
export type SessionState = PersistentMap<'open' | 'ended'>;

/** An account whose sessions are accepted from their beginning to their end, and never again. */
export const sessionModel: Model<SessionState, SessionRequest, SessionAnswer> = {
  initial: persistentMap(),
  apply: (state, request, answer) => {
    if (request.kind === 'log in') {
      if (answer?.kind !== 'begun') return state;
      return state.get(answer.session) ? undefined : state.with(answer.session, 'open');
    }
    const isOpen = state.get(request.session) === 'open';
    if (request.kind === 'identify') {
      return answer === undefined || isOpen === (answer.kind === 'accepted') ? state : undefined;
    }
    if (answer !== undefined && isOpen !== (answer.kind === 'done')) return undefined;
    return isOpen ? state.with(request.session, 'ended') : state;
  },
  isIdle: ({ request, answer }) => request.kind === 'identify' || answer?.kind === 'refused',
  isSafe: () => false,
  likeness: () => () => undefined,
  // Which sessions are open follows from the calls.
  fingerprint: () => '',
};

export const describeSession = ({ request, answer }: SessionCall): string =>
  `${Object.values(request).join(' ')}: ${answer ? Object.values(answer).join(' ') : 'no answer'}`;
