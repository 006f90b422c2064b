import { uuidv7 } from 'uuidv7';
import type { Sql, Statements } from '../shared/sql';
import { NoSuchProductError, StockBelowReservedError } from './errors';
import { fingerprint, type Keyed, type Keys } from './idempotency';
import { limitFor, type Page, type PageOf, page } from './paging';

export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

/** What staff write down: goods that came, or a correction with its reason. Quantities add to what is on hand. */
export interface NewEntry {
  readonly kind: 'received' | 'adjusted';
  readonly quantity: number;
  readonly reason: string | null;
}

/** A line of the ledger. `sold` lines are written by confirmations; their quantity is below zero. */
export interface Entry {
  readonly id: string;
  readonly kind: NewEntry['kind'] | 'sold';
  readonly quantity: number;
  readonly reason: string | null;
  readonly at: number;
  /** The user who wrote it, or who bought; null when that user's account is gone. */
  readonly by: string | null;
}

export interface StockDeps {
  readonly sql: Sql;
  readonly now: () => number;
  readonly keys: Keys;
  /** Called after the stock of these products was changed and stored. */
  readonly changed: (productIds: readonly string[]) => void;
}

export type StockKeeping = ReturnType<typeof createStockKeeping>;

export function createStockKeeping({ sql, now, keys, changed }: StockDeps) {
  return {
    /** @throws NoSuchProductError */
    of: (productId: string): Promise<Stock> => stockOf(sql, productId),

    /** Adds a line to the ledger. @throws NoSuchProductError, StockBelowReservedError, KeyReusedError */
    write: async (productId: string, entry: NewEntry, userId: string, key: string): Promise<Keyed<Entry>> => {
      const line: Entry = { ...entry, id: uuidv7(), at: now(), by: userId };
      const request = {
        userId,
        key,
        fingerprint: fingerprint(['ledger', productId, entry.kind, entry.quantity, entry.reason]),
      };
      const store = async (tx: Statements) => {
        await insertLine(tx, productId, line);
        await add(tx, productId, line.quantity);
        return line;
      };
      const written = await keys.once(request, line.id, store, (id) => entryById(sql, id));
      changed([productId]);
      return written;
    },

    /** Newest first. @throws NoSuchProductError */
    ledger: async (productId: string, { limit, after }: PageOf): Promise<Page<Entry>> => {
      await stockOf(sql, productId);
      const rows = await sql.query<EntryRow>(
        `${SELECT_ENTRY} WHERE product_id = ? ${after === undefined ? '' : 'AND id < ?'}
         ORDER BY id DESC ${limitFor(limit)}`,
        after === undefined ? [productId] : [productId, after],
      );
      return page(rows.map(entryFrom), limit);
    },
  };
}

async function stockOf({ query }: Statements, productId: string): Promise<Stock> {
  const [row] = await query<{ onHand: number; reserved: number }>(
    'SELECT on_hand AS onHand, reserved FROM stock WHERE product_id = ?',
    [productId],
  );
  if (!row) throw new NoSuchProductError(`There is no product ${productId}`);
  return { ...row, available: row.onHand - row.reserved };
}

const insertLine = ({ execute }: Statements, productId: string, line: Entry) =>
  execute(
    'INSERT INTO ledger (id, product_id, kind, quantity, reason, user_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [line.id, productId, line.kind, line.quantity, line.reason, line.by, line.at],
  );

async function add(tx: Statements, productId: string, quantity: number): Promise<void> {
  const matched = await tx.execute(
    'UPDATE stock SET on_hand = on_hand + ? WHERE product_id = ? AND on_hand + ? >= reserved',
    [quantity, productId, quantity],
  );
  if (matched === 1) return;
  const { onHand, reserved } = await stockOf(tx, productId);
  throw new StockBelowReservedError(
    `${onHand} are on hand and ${reserved} of them reserved: ${quantity} would leave fewer than are reserved`,
  );
}

interface EntryRow {
  readonly id: string;
  readonly kind: Entry['kind'];
  readonly quantity: number;
  readonly reason: string | null;
  readonly user_id: string | null;
  readonly created_at: number;
}

const SELECT_ENTRY = 'SELECT id, kind, quantity, reason, user_id, created_at FROM ledger';

const entryFrom = ({ user_id: by, created_at: at, ...rest }: EntryRow): Entry => ({ ...rest, at, by });

async function entryById({ query }: Statements, id: string): Promise<Entry> {
  const [row] = await query<EntryRow>(`${SELECT_ENTRY} WHERE id = ?`, [id]);
  if (!row) throw new Error(`The ledger lacks its line ${id}`);
  return entryFrom(row);
}
