import { uuidv7 } from 'uuidv7';
import type { Page, PageOf } from '../../shared/sql/pagination';
import type { Sql, Statements } from '../../shared/sql/sql';
import { fingerprint, type Keyed, type Keys } from '../idempotency';
import type { NewRows } from '../month-tables';
import type { Entry, NewEntry, Stock } from './ledger';
import { addOnHand, entriesOf, findEntry, findStock, insertEntry, stampedInTime } from './repository';

export interface StockOptions {
  readonly sql: Sql;
  readonly now: () => number;
  readonly keys: Keys;
  readonly newRows: () => Promise<NewRows>;
  /** Called after a change of these products' stock was committed, and awaited before the answer. */
  readonly changed: (productIds: readonly string[]) => Promise<void>;
}

export type StockService = ReturnType<typeof createStock>;

export function createStock({ sql, now, keys, newRows, changed }: StockOptions) {
  return {
    /** @throws NoSuchProductError */
    of: (productId: string): Promise<Stock> => findStock(sql, productId),

    /** Adds a line to the ledger. @throws NoSuchProductError, StockBelowReservedError, KeyReusedError */
    write: async (productId: string, entry: NewEntry, userId: string, key: string): Promise<Keyed<Entry>> => {
      const line: Entry = { ...entry, id: uuidv7(), at: now(), by: userId };
      const request = {
        userId,
        key,
        fingerprint: fingerprint(['ledger', productId, entry.kind, entry.quantity, entry.reason]),
      };
      const into = await newRows();
      const store = async (tx: Statements) => {
        await insertEntry(tx, productId, line, into);
        await stampedInTime(tx, [productId], now, (_, at) => addOnHand(tx, productId, line.quantity, at));
        return line;
      };
      const written = await keys.once(request, line.id, store, (id) => findEntry(sql, id));
      await changed([productId]);
      return written;
    },

    /** Newest first. @throws NoSuchProductError */
    ledger: async (productId: string, paging: PageOf): Promise<Page<Entry>> => {
      await findStock(sql, productId);
      return entriesOf(sql, productId, paging);
    },
  };
}
