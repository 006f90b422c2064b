import { randomUUID } from 'node:crypto';
import { type Book, createBook } from '../../lab/check/book';
import { judgeSessions } from '../../lab/check/session-history';
import { judgeStock } from '../../lab/check/stock-history';
import { type Answer, jsonOf } from '../../lab/load/answer';
import { type Arrivals, evenly } from '../../lab/load/arrivals';
import { generate, type Step } from '../../lab/load/generator';
import { openPool, type Pool } from '../../lab/load/pool';
import type { Result } from '../../lab/load/recording';
import { asCustomer, unlessStatus } from '../../lab/scenarios/reads';

export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly productId: string;
  /** The stock of the product without the purchases of the book, to check answers with. */
  readonly pieces: number;
  /** Shared by all loads on one shop. */
  readonly book?: Book;
  /** The most reads under way at a time; 0 for none. */
  readonly readers?: number;
  /** The most requests of purchases under way at a time; 0 for none. */
  readonly buyers?: number;
}

export interface Load {
  /** In the order in which they ended. */
  readonly reads: readonly Result[];
  /** The requests to reserve and to confirm, with their repetitions. */
  readonly purchases: readonly Result[];
  /** Times at which a purchase was acknowledged, in ms since the start. */
  readonly bought: readonly number[];
  readonly book: Book;
  /**
   * Resolves once the last requests are answered and every purchase that was begun is done.
   * @throws Error if no order explains the answers of the book's purchases and uses of sessions
   */
  stop(): Promise<void>;
}

/** Few enough for a busy machine: a queue in the generator would look like a slow shop. */
const READS_PER_SECOND = 80;
const PURCHASES_PER_SECOND = 30;
const TIMEOUT_MS = 60_000;
const BUYERS = 6;
/** Of one request, so that a shop that is gone ends a test. */
const MOST_TRIES = 600;

/** The lab's generator with readers and buyers, until `stop`. A failed purchase is repeated with its Idempotency-Key. */
export function startLoad(options: LoadOptions): Load {
  const { url, book = createBook(), readers = 6, buyers = BUYERS } = options;
  const { hostname: host, port } = new URL(url);
  const target = { host, port: Number(port), tls: false };
  const results: Result[] = [];
  const bought: number[] = [];
  const start = performance.now();
  let going = true;
  const run = (pool: Pool, arrivals: Arrivals, next: () => Step, until = () => false) =>
    generate({
      ...{ pool, arrivals, next, stop: until, timeoutMs: TIMEOUT_MS },
      onResult: (result) => results.push(result),
    });
  const always = (rate: number) => evenly(rate, 86_400);

  const reading = async () => {
    const pool = openPool({ target, connections: readers });
    await run(pool, always(READS_PER_SECOND), createReads({ ...options, book }), () => !going);
    pool.close();
  };
  const buying = async () => {
    const pool = openPool({ target, connections: buyers });
    const { next, due, gaveUp } = createPurchases({ ...options, book }, () => {
      bought.push(performance.now() - start);
    });
    await run(pool, always(PURCHASES_PER_SECOND), next, () => !going);
    while (due.length > 0)
      await run(pool, evenly(PURCHASES_PER_SECOND, due.length / PURCHASES_PER_SECOND), next);
    pool.close();
    if (gaveUp.length > 0) throw new Error(`Nobody sells: ${gaveUp.join(', ')} failed ${MOST_TRIES} times`);
  };
  const everybody = [...(readers > 0 ? [reading()] : []), ...(buyers > 0 ? [buying()] : [])];
  // Reported by `stop`.
  for (const one of everybody) one.catch(() => undefined);
  return {
    bought,
    book,
    get reads() {
      return results.filter(({ kind }) => kind === 'read');
    },
    get purchases() {
      return results.filter(({ kind }) => kind !== 'read');
    },
    stop: async () => {
      going = false;
      await Promise.all(everybody);
      const stock = judgeStock(book, (id) => (id === options.productId ? options.pieces : undefined));
      const wrong = [...stock.wrong, ...judgeSessions(book).wrong];
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    },
  };
}

/** Of all loads: an address that an earlier load read may be answered from the web tier's cache, seconds old. */
let turn = 0;

/** Reads that no cache of the web tier answers, whose key contains even a query without meaning. */
function createReads({ token, productId, pieces, book = createBook() }: LoadOptions): () => Step {
  const read = (path: string, check = (answer: Answer) => unlessStatus(answer, 200)): Step => ({
    ...{ kind: 'read', method: 'GET', path, headers: asCustomer(token), check },
  });
  const product = (answer: Answer) => {
    const wrong = unlessStatus(answer, 200);
    if (wrong) return wrong;
    const { available } = jsonOf<{ available: number }>(answer);
    const [least, most] = book.available(productId, pieces, performance.now());
    return available >= least && available <= most
      ? undefined
      : `wrong: ${available} available, from ${least} to ${most} were acknowledged`;
  };
  /** With the session of the load, which nobody ends. */
  const own = (path: string): Step => {
    const used = book.uses('the load', token);
    return read(path, (answer) => {
      used(answer.status);
      return unlessStatus(answer, 200);
    });
  };
  const steps = [
    () => read(`/api/products?limit=20&turn=${turn}`),
    () => read(`/api/products/${productId}?turn=${turn}`, product),
    () => own('/api/reservations'),
    () => own('/api/users/me'),
  ];
  return () => (steps[++turn % steps.length] as () => Step)();
}

/** Purchases of one piece: reserved and confirmed, since one account may not hold many. */
function createPurchases(options: LoadOptions, done: () => void) {
  const { token, productId, book = createBook(), buyers = BUYERS } = options;
  /** Purchases that were begun and are not confirmed. On a slow machine more would meet the limit of the account. */
  let unfinished = 0;
  let begun = 0;
  /** Steps that follow or failed, which go out before new purchases do. */
  const due: Step[] = [];
  /** Paths of the requests that failed too often. */
  const gaveUp: string[] = [];

  /** Repeats a step until it succeeds. */
  const insist = (step: Step, acknowledged: (answer: Answer) => void): Step => {
    let tries = 0;
    const again = () => {
      if (++tries < MOST_TRIES) due.push(own);
      else gaveUp.push(step.path);
    };
    const own: Step = {
      ...step,
      check: (answer) => {
        const wrong = step.check(answer);
        if (wrong) again();
        else acknowledged(answer);
        return wrong;
      },
      lost: again,
    };
    return own;
  };
  const post = { method: 'POST', headers: { 'Content-Type': 'application/json', ...asCustomer(token) } };
  const reserve = (): Step => {
    book.attempts(productId, 1);
    const buyer = `buyer ${++begun}`;
    const answered = book.stock.begin(buyer, productId, { kind: 'reserve', quantity: 1 });
    unfinished++;
    return insist(
      {
        ...{ kind: 'reserve', ...post, path: '/api/reservations' },
        headers: { ...post.headers, 'Idempotency-Key': randomUUID() },
        body: JSON.stringify({ items: [{ productId, quantity: 1 }] }),
        check: (answer) => unlessStatus(answer, 201) && unlessStatus(answer, 200),
      },
      (answer) => {
        const { id } = jsonOf<{ id: string }>(answer);
        book.reserved(id, { productId, quantity: 1, at: performance.now() });
        answered({ kind: 'reserved', id });
        due.push(confirm(buyer, id));
      },
    );
  };
  const confirm = (buyer: string, id: string): Step => {
    const answered = book.stock.begin(buyer, productId, { kind: 'confirm', id });
    return insist(
      {
        ...{ kind: 'confirm', ...post, path: `/api/reservations/${id}/confirm`, body: '{}' },
        check: (answer) => unlessStatus(answer, 200),
      },
      () => {
        answered({ kind: 'done' });
        book.confirmed(id);
        unfinished--;
        done();
      },
    );
  };

  /** The caller of a time at which every buyer is busy looks at the reservations. */
  const look = (): Step => ({
    ...{ kind: 'read', method: 'GET', path: '/api/reservations', headers: asCustomer(token) },
    check: (answer) => unlessStatus(answer, 200),
  });
  return { next: (): Step => due.shift() ?? (unfinished < buyers ? reserve() : look()), due, gaveUp };
}

export const failures = (results: readonly Result[]): Result[] =>
  results.filter(({ error }) => error !== undefined);

/** The failed requests of all purchases. */
export const failedToBuy = ({ purchases }: Load): Result[] => failures(purchases);

/** Those that the shop refused before it began them, as it says it does when it has too much to do (decision 0134). */
const REFUSED = '503 overloaded';

/** The failed requests of all purchases but the refused ones: what they did is not known. */
export const lostInPurchases = (load: Load): Result[] =>
  failedToBuy(load).filter(({ error }) => error !== REFUSED);

/** Counts failures by error. */
export const failuresOf = (load: Load) => ({
  reads: counted(failures(load.reads)),
  purchases: counted(failedToBuy(load)),
});

function counted(failed: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error = '' } of failed) counts[error] = (counts[error] ?? 0) + 1;
  return counts;
}

/** The longest time without an acknowledged purchase, in ms. */
export const longestPause = ({ bought }: Load): number =>
  Math.max(...bought.slice(1).map((time, at) => time - (bought[at] ?? time)));

/** From the first failed request to the last one, in ms. */
export const spanOf = (failed: readonly Result[]): number =>
  failed.length === 0
    ? 0
    : Math.max(...failed.map(({ ended }) => ended)) - Math.min(...failed.map(({ sent }) => sent));

/** Of right answers, in ms from the time at which they were due. */
export const percentile = (results: readonly Result[], share: number): number => {
  const times = results.map(({ scheduled, ended }) => ended - scheduled).sort((a, b) => a - b);
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
};
