import fc from 'fast-check';
import type { CounterAnswer, CounterCall, CounterRequest } from '../../../lab/history/counter-model';
import type { Call } from '../../../lab/history/history';
import type { PhotoAnswer, PhotoCall, PhotoRequest } from '../../../lab/history/photo-model';
import type { SessionAnswer, SessionCall, SessionRequest } from '../../../lab/history/session-model';
import type { StockAnswer, StockCall, StockRequest } from '../../../lab/history/stock-model';

/** Of a call that happened at `at`, alone among all. */
interface Happened<Request, Answer> {
  readonly client: string;
  readonly at: number;
  readonly request: Request;
  readonly answer: Answer;
}

interface Timing {
  readonly client: number;
  readonly before: number;
  readonly after: number;
  readonly lost: boolean;
}

const timing = (mayBeLost: boolean) =>
  fc.record({
    client: fc.nat(4),
    before: fc.nat(60),
    after: fc.nat(60),
    lost: mayBeLost ? fc.nat(9).map((n) => n === 0) : fc.constant(false),
  });

/** Calls that happened one after the other look as if they overlapped, and some answers are lost. */
function overlapping<Request, Answer>(
  happened: readonly Happened<Request, Answer>[],
  timings: readonly Timing[],
): Call<Request, Answer>[] {
  return happened.map(({ client, at, request, answer }, place) => {
    const { before, after, lost } = timings[place] as Timing;
    const sent = { client, key: 'one', start: at - before, request };
    return lost ? { ...sent, end: Infinity, answer: undefined } : { ...sent, end: at + after, answer };
  });
}

const step = fc.record({ choice: fc.nat(99), quantity: fc.integer({ min: 1, max: 3 }), pick: fc.nat(999) });
type Step = { readonly choice: number; readonly quantity: number; readonly pick: number };

/** Histories of a shop that is right: calls happen at 10, 20, 30 …, and each takes up to 60 before and after it. */
const rightHistories = <Request, Answer>(
  run: (steps: readonly Step[], timings: readonly Timing[]) => Happened<Request, Answer>[],
  mayBeLost: boolean,
) =>
  fc.array(fc.tuple(step, timing(mayBeLost)), { minLength: 1, maxLength: 40 }).map((all) => {
    const timings = all.map(([, one]) => one);
    return overlapping(
      run(
        all.map(([one]) => one),
        timings,
      ),
      timings,
    );
  });

/** Another implementation of stock than the model of the checker: rows and sums. */
function runStock(pieces: number) {
  return (steps: readonly Step[], timings: readonly Timing[]): Happened<StockRequest, StockAnswer>[] => {
    const rows: { id: string; quantity: number; status: string }[] = [];
    /** Those of which a client was told. */
    const known: typeof rows = [];
    let stock = pieces;
    const available = () =>
      rows.reduce((sum, { status, quantity }) => sum - (status === 'held' ? quantity : 0), stock);
    return steps.map(({ choice, quantity, pick }, place) => {
      const call = (request: StockRequest, answer: StockAnswer) => ({
        ...{ client: `client ${timings[place]?.client}`, at: 10 * (place + 1), request, answer },
      });
      const row = known[pick % Math.max(1, known.length)];
      if (choice < 40 || !row) {
        if (available() < quantity) return call({ kind: 'reserve', quantity }, { kind: 'refused' });
        const id = `r${rows.length}`;
        const made = { id, quantity, status: 'held' };
        rows.push(made);
        if (!timings[place]?.lost) known.push(made);
        return call({ kind: 'reserve', quantity }, { kind: 'reserved', id });
      }
      if (choice < 60) return call({ kind: 'read' }, { kind: 'available', pieces: available() });
      if (choice < 65) {
        stock += quantity;
        return call({ kind: 'add', pieces: quantity }, { kind: 'done' });
      }
      const kind = choice < 85 ? 'confirm' : 'release';
      const to = kind === 'confirm' ? 'sold' : 'returned';
      if (row.status === 'held') {
        row.status = to;
        if (to === 'sold') stock -= row.quantity;
      }
      return call({ kind, id: row.id }, { kind: row.status === to ? 'done' : 'refused' });
    });
  };
}

function runSessions(
  steps: readonly Step[],
  timings: readonly Timing[],
): Happened<SessionRequest, SessionAnswer>[] {
  const begun: string[] = [];
  const open = new Set<string>();
  return steps.map(({ choice, pick }, place) => {
    const call = (request: SessionRequest, answer: SessionAnswer) => ({
      ...{ client: `client ${timings[place]?.client}`, at: 10 * (place + 1), request, answer },
    });
    const session = begun[pick % Math.max(1, begun.length)];
    if (choice < 25 || session === undefined) {
      const made = `s${place}`;
      if (!timings[place]?.lost) begun.push(made);
      open.add(made);
      return call({ kind: 'log in' }, { kind: 'begun', session: made });
    }
    if (choice < 50) {
      return call({ kind: 'end', session }, { kind: open.delete(session) ? 'done' : 'refused' });
    }
    return call({ kind: 'identify', session }, { kind: open.has(session) ? 'accepted' : 'refused' });
  });
}

function runCounter(
  steps: readonly Step[],
  timings: readonly Timing[],
): Happened<CounterRequest, CounterAnswer>[] {
  let value = 0;
  return steps.map(({ choice }, place) => {
    const call = (request: CounterRequest, answer: CounterAnswer) => ({
      ...{ client: `client ${timings[place]?.client}`, at: 10 * (place + 1), request, answer },
    });
    if (choice < 40) return call({ kind: 'read' }, { kind: 'value', value });
    if (choice < 50) return call({ kind: 'increment' }, { kind: 'refused' });
    value++;
    return call({ kind: 'increment' }, choice < 75 ? { kind: 'done' } : { kind: 'value', value });
  });
}

/** A row that is there or not, as SQL would have it. */
function runPhotos(
  steps: readonly Step[],
  timings: readonly Timing[],
): Happened<PhotoRequest, PhotoAnswer>[] {
  const rows: ('waiting' | 'processing' | 'ready' | 'refused')[] = [];
  const update = (from: (typeof rows)[number], to: (typeof rows)[number]) => {
    if (rows[0] !== from) return false;
    rows[0] = to;
    return true;
  };
  return steps.map(({ choice, quantity }, place) => {
    const call = (kind: PhotoRequest['kind'], answer: PhotoAnswer) => ({
      ...{ client: `client ${timings[place]?.client}`, at: 10 * (place + 1), request: { kind }, answer },
    });
    const changed = (kind: PhotoRequest['kind'], isDone: boolean) =>
      call(kind, { kind: isDone ? 'done' : 'refused' });
    if (place === 0) {
      rows.push('waiting');
      return call('begin', { kind: 'done' });
    }
    if (choice < 50) return call('look', { kind: 'seen', status: rows[0] ?? 'none' });
    if (choice < 70) return changed('complete', update('waiting', 'processing'));
    if (choice < 85)
      return quantity < 3
        ? changed('finish', update('processing', 'ready'))
        : changed('refuse', update('processing', 'refused'));
    if (choice < 95 && rows[0]) {
      update('waiting', 'processing');
      return call('complete', { kind: 'seen', status: rows[0] });
    }
    return changed('remove', rows.pop() !== undefined);
  });
}

export const rightStock = (pieces: number, { mayBeLost = true } = {}): fc.Arbitrary<StockCall[]> =>
  rightHistories(runStock(pieces), mayBeLost);
export const rightSessions = ({ mayBeLost = true } = {}): fc.Arbitrary<SessionCall[]> =>
  rightHistories(runSessions, mayBeLost);
export const rightPhotos = ({ mayBeLost = true } = {}): fc.Arbitrary<PhotoCall[]> =>
  rightHistories(runPhotos, mayBeLost);
export const rightCounters = ({ mayBeLost = true } = {}): fc.Arbitrary<CounterCall[]> =>
  rightHistories(runCounter, mayBeLost);

/** Calls one after the other, after all others: each takes one unit. */
export function afterwards<Request, Answer>(
  calls: readonly Call<Request, Answer>[],
  ...more: readonly (readonly [Request, Answer])[]
): Call<Request, Answer>[] {
  const last = Math.max(0, ...calls.map(({ start, end }) => (end === Infinity ? start : end)));
  const added = more.map(([request, answer], place) => ({
    ...{ client: 'auditor', key: 'one', start: last + 2 * place + 1, end: last + 2 * place + 2 },
    ...{ request, answer },
  }));
  return [...calls, ...added];
}
