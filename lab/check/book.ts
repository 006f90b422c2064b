import { createRecorder, type Recorder } from '../history/history';
import type { PhotoAnswer, PhotoRequest } from '../history/photo-model';
import type { SessionAnswer, SessionRequest } from '../history/session-model';
import type { StockAnswer, StockRequest } from '../history/stock-model';

/**
 * The greatest age of a cached response, in ms: 2 s, 10 s while the next one is loaded, 1 s in a process, and a margin.
 */
export const STALE_MS = 20_000;

interface Purchase {
  readonly productId: string;
  readonly quantity: number;
  readonly at: number;
}

/** The acknowledgements of the shop, to compare answers and rows with. Times in ms of one clock. */
export interface Book {
  /** Records that a reservation was sent: from now on it may have been made. */
  attempts(productId: string, quantity: number): void;
  attempted(productId: string): number;
  reserved(id: string, purchase: Purchase): void;
  confirmed(id: string): void;
  registered(email: string, userId: string): void;
  loggedIn(): void;
  photo(id: string): void;
  /** Records a write of unknown outcome: it was not answered, or answered with an error. */
  unknown(kind: Counted): void;
  /** The least and the most stock that an answer at `now` may report as available. */
  available(productId: string, pieces: number, now: number): readonly [least: number, most: number];
  readonly reservations: ReadonlyMap<string, Purchase>;
  readonly confirmations: ReadonlySet<string>;
  readonly accounts: ReadonlyMap<string, string>;
  readonly photos: ReadonlySet<string>;
  /** Calls about the stock of products, by product id. */
  readonly stock: Recorder<StockRequest, StockAnswer>;
  /** Calls about photos, by photo id. */
  readonly photoCalls: Recorder<PhotoRequest, PhotoAnswer>;
  /** Calls with sessions, by account. */
  readonly sessions: Recorder<SessionRequest, SessionAnswer>;
  /** Records that a session is used, and by the returned function the status of the answer. It began before its first use. */
  uses(account: string, token: string): (status: number) => void;
  readonly counts: Readonly<Record<Counted, { readonly acknowledged: number; readonly unknown: number }>>;
}

export const COUNTED = ['reservations', 'sales', 'accounts', 'sessions', 'photos'] as const;
/** Kinds of writes that make one row each. */
export type Counted = (typeof COUNTED)[number];

export function createBook(): Book {
  const reservations = new Map<string, Purchase>();
  const confirmations = new Set<string>();
  const accounts = new Map<string, string>();
  const photos = new Set<string>();
  const attempted = new Map<string, number>();
  /** By product: running sums of the acknowledged quantities. */
  const history = new Map<string, { at: number; sum: number }[]>();
  const unknown = { reservations: 0, sales: 0, accounts: 0, sessions: 0, photos: 0 };
  let logIns = 0;
  const sessions = createRecorder<SessionRequest, SessionAnswer>(() => performance.now());
  /** Numbers by token: no history shows a token. */
  const begun = new Map<string, string>();
  const sessionOf = (account: string, token: string): string => {
    const known = begun.get(token);
    if (known !== undefined) return known;
    const session = `session ${begun.size + 1}`;
    begun.set(token, session);
    sessions.begin(account, account, { kind: 'log in' })({ kind: 'begun', session });
    return session;
  };

  return {
    attempts: (productId, quantity) => {
      attempted.set(productId, (attempted.get(productId) ?? 0) + quantity);
    },
    attempted: (productId) => attempted.get(productId) ?? 0,
    reserved: (id, purchase) => {
      if (reservations.has(id)) throw new Error(`the reservation ${id} was given to two buyers`);
      reservations.set(id, purchase);
      const past = history.get(purchase.productId) ?? [];
      history.set(purchase.productId, past);
      past.push({ at: purchase.at, sum: (past.at(-1)?.sum ?? 0) + purchase.quantity });
    },
    confirmed: (id) => void confirmations.add(id),
    registered: (email, userId) => void accounts.set(email, userId),
    loggedIn: () => void logIns++,
    photo: (id) => void photos.add(id),
    unknown: (kind) => void unknown[kind]++,
    available: (productId, pieces, now) => {
      const old = history.get(productId)?.findLast(({ at }) => at < now - STALE_MS)?.sum ?? 0;
      return [pieces - (attempted.get(productId) ?? 0), pieces - old];
    },
    reservations,
    confirmations,
    accounts,
    photos,
    stock: createRecorder(() => performance.now()),
    photoCalls: createRecorder(() => performance.now()),
    sessions,
    uses: (account, token) => {
      const session = sessionOf(account, token);
      const answered = sessions.begin(account, account, { kind: 'identify', session });
      return (status) => {
        if (status < 500) answered({ kind: status === 401 ? 'refused' : 'accepted' });
      };
    },
    get counts() {
      return {
        reservations: { acknowledged: reservations.size, unknown: unknown.reservations },
        sales: { acknowledged: confirmations.size, unknown: unknown.sales },
        accounts: { acknowledged: accounts.size, unknown: unknown.accounts },
        sessions: { acknowledged: logIns, unknown: unknown.sessions },
        photos: { acknowledged: photos.size, unknown: unknown.photos },
      };
    },
  };
}
