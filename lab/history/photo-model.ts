import type { Call } from './history';
import type { Model } from './linearizability';

export type PhotoStatus = 'waiting' | 'processing' | 'ready' | 'refused';

/** Calls about one photo, which is there from `begin` on. */
export type PhotoRequest =
  /** Of its upload, once: `complete`. Of a worker: `finish` and `refuse`. Of a sweeper, if it is never completed: `expire`. */
  | { readonly kind: 'begin' | 'complete' | 'finish' | 'refuse' | 'expire' | 'remove' }
  | { readonly kind: 'look' };

export type PhotoAnswer =
  | { readonly kind: 'done' }
  /** It was in a status that does not allow it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'seen'; readonly status: PhotoStatus | 'none' };

export type PhotoCall = Call<PhotoRequest, PhotoAnswer>;
export type PhotoState = PhotoStatus | 'none' | 'gone';

const CHANGES: Readonly<
  Record<
    Exclude<PhotoRequest['kind'], 'look'>,
    { readonly from: readonly PhotoState[]; readonly to: PhotoState }
  >
> = {
  begin: { from: ['none'], to: 'waiting' },
  complete: { from: ['waiting'], to: 'processing' },
  finish: { from: ['processing'], to: 'ready' },
  refuse: { from: ['processing'], to: 'refused' },
  expire: { from: ['waiting'], to: 'gone' },
  remove: { from: ['waiting', 'processing', 'ready', 'refused'], to: 'gone' },
};

/** A photo that goes from status to status, never back, and is not seen any more once it was removed. */
export const photoModel: Model<PhotoState, PhotoRequest, PhotoAnswer> = {
  initial: 'none',
  apply: (state, { kind }, answer) => {
    if (kind === 'look') return answer === undefined || isSeen(state, answer) ? state : undefined;
    const { from, to } = CHANGES[kind];
    const isAllowed = from.includes(state);
    if (answer?.kind === 'refused') return isAllowed ? undefined : state;
    // An answer with a status is that of a call that may have been made before: then it changes nothing.
    if (answer?.kind === 'seen') {
      const next = isAllowed ? to : state;
      return isSeen(next, answer) ? next : undefined;
    }
    // Removing it once more is as good as once.
    return isAllowed ? to : kind === 'remove' && state === 'gone' ? state : undefined;
  },
  isIdle: ({ request, answer }) => request.kind === 'look' || answer?.kind === 'refused',
  isSafe: () => false,
  likeness: () => () => undefined,
  // Calls that may change nothing do not tell the status.
  fingerprint: (state) => state,
};

const isSeen = (state: PhotoState, answer: PhotoAnswer): boolean =>
  answer.kind === 'seen' && answer.status === (state === 'gone' ? 'none' : state);

export const describePhoto = ({ request, answer }: PhotoCall): string =>
  `${request.kind}: ${answer ? Object.values(answer).join(' ') : 'no answer'}`;

/**
 * The calls, and those that nobody makes and nobody is answered: of a worker, which may come at any time once the photo is
 * there, and of the sweeper, from `expiryMs` on.
 */
export function withBackground(calls: readonly PhotoCall[], expiryMs: number): PhotoCall[] {
  const nobody = calls
    .filter(({ request }) => request.kind === 'begin')
    .flatMap(({ key, start }): PhotoCall[] => {
      const unknown = { client: 'nobody', key, end: Number.POSITIVE_INFINITY, answer: undefined };
      return [
        { ...unknown, start, request: { kind: 'finish' } },
        { ...unknown, start: start + expiryMs, request: { kind: 'expire' } },
      ];
    });
  return [...calls, ...nobody];
}
