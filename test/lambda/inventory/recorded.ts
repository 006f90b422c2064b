import { randomUUID } from 'node:crypto';
import { judge } from '../../../lab/history/judge';
import {
  describeStock,
  type StockAnswer,
  type StockCall,
  type StockRequest,
  stockModel,
  withExpiry,
} from '../../../lab/history/stock-model';
import type { Shop } from './shop';

/** Calls about the stock of products, with their answers. */
export interface StockHistory {
  /** Of products that `add` made: drawings of what no order explains. */
  faults(): readonly string[];
}

/** A reservation that was asked for once or more often with one key: a call from the first time to the first answer. */
interface Wish {
  readonly as: string;
  readonly wanted: Readonly<Record<string, number>>;
  readonly start: number;
  tries: number;
  made?: { readonly id: string; readonly at: number };
}

type Note = (client: string, key: string, request: StockRequest, answer: StockAnswer | undefined) => void;

/** A shop that notes its calls about stock. Those of the processes that `another` opens are in the same history. */
export function recorded(shop: Shop): { readonly shop: Shop; readonly history: StockHistory } {
  const calls: StockCall[] = [];
  /** By user, key and items. */
  const wishes = new Map<string, Wish>();
  /** By product, what it began with. */
  const pieces = new Map<string, number>();
  /** Product ids and quantities by reservation. */
  const items = new Map<string, readonly string[]>();

  /** Returns what notes the calls that begin now and have ended when it is called. */
  const begin = (): Note => {
    const start = performance.now();
    return (client, key, request, answer) => {
      const end = answer ? performance.now() : Number.POSITIVE_INFINITY;
      calls.push({ client, key, start, end, request, answer });
    };
  };

  const reserve =
    (one: Shop): Shop['reserve'] =>
    async (as, wanted, key = randomUUID()) => {
      const name = JSON.stringify([as, key, wanted]);
      const wish = wishes.get(name) ?? { as, wanted, start: performance.now(), tries: 0 };
      wishes.set(name, wish);
      wish.tries++;
      const response = await one.reserve(as, wanted, key);
      const body: { readonly id: string; readonly type?: string } = JSON.parse(await response.clone().text());
      if (response.ok) {
        items.set(body.id, Object.keys(wanted));
        wish.made ??= { id: body.id, at: performance.now() };
      } else if (response.status < 500 && wish.tries === 1) {
        wishes.delete(name);
        const [[only, quantity] = ['', 0], ...others] = Object.entries(wanted);
        // Of several products it is not known which one was short.
        if (body.type !== 'out-of-stock' || others.length > 0) return response;
        const { start } = wish;
        const request = { kind: 'reserve', quantity } as const;
        calls.push({
          client: as,
          key: only,
          start,
          end: performance.now(),
          request,
          answer: { kind: 'refused' },
        });
      }
      return response;
    };

  const ask =
    (one: Shop): Shop['ask'] =>
    async (method, path, asked) => {
      const note = begin();
      const response = await one.ask(method, path, asked);
      const as = asked?.as ?? '';
      const [, id = '', how] = /^\/api\/reservations\/([^/]+)\/(confirm|release)$/.exec(path) ?? [];
      const answer = { 200: { kind: 'done' }, 409: { kind: 'refused' } } as const;
      const known = answer[response.status as keyof typeof answer];
      // A failure leaves open whether it was done.
      if ((known || response.status >= 500) && (how === 'confirm' || how === 'release'))
        for (const key of items.get(id) ?? []) note(as, key, { kind: how, id }, known);
      const [, product] = /^\/api\/products\/([^/]+)\/stock$/.exec(path) ?? [];
      if (product && method === 'GET' && response.status === 200) {
        const { onHand, reserved } = JSON.parse(await response.clone().text());
        note(as, product, { kind: 'read' }, { kind: 'available', pieces: onHand - reserved });
      }
      // Not noted: a repetition may have done nothing.
      const [, changed] = /^\/api\/products\/([^/]+)\/ledger$/.exec(path) ?? [];
      if (changed && method === 'POST') pieces.delete(changed);
      return response;
    };

  const noting = (one: Shop): Shop => ({
    ...one,
    ask: ask(one),
    reserve: reserve(one),
    add: async (facts, quantity = 0) => {
      const id = await one.add(facts, quantity);
      pieces.set(id, quantity);
      return id;
    },
    stock: {
      ...one.stock,
      write: async (id, entry, by, key) => {
        const note = begin();
        const written = await one.stock.write(id, entry, by, key);
        note(by, id, { kind: 'add', pieces: entry.quantity }, { kind: 'done' });
        return written;
      },
    },
    another: async () => noting(await one.another()),
  });

  const faults = () => {
    const wished = [...wishes.values()].flatMap(callsOf);
    const judged = [...calls, ...wished].filter(({ key }) => pieces.has(key));
    // The clock of these tests jumps, so a reservation may end at any time.
    const { wrong, undecided } = judge(withExpiry(judged, 0), {
      modelOf: (id) => stockModel(pieces.get(id) ?? 0),
      describe: describeStock,
    });
    return [...wrong, ...undecided.map((key) => `the calls of ${key} are undecided`)];
  };
  return { shop: noting(shop), history: { faults } };
}

function callsOf({ as, wanted, start, made }: Wish): StockCall[] {
  const end = made?.at ?? Number.POSITIVE_INFINITY;
  const answer = made && ({ kind: 'reserved', id: made.id } as const);
  return Object.entries(wanted).map(([key, quantity]) => ({
    ...{ client: as, key, start, end, request: { kind: 'reserve', quantity }, answer },
  }));
}
