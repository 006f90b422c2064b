/** A column of an archived row. `nullable` ones are NULL or text. */
export interface Column {
  readonly name: string;
  readonly type: 'text' | 'integer';
  readonly nullable?: boolean;
  /** Of a text, in characters. */
  readonly length?: number;
}

/** Rows of one table, here and in the warehouse. */
export interface KindPlan {
  /** Of the tables here, after the name of the part. */
  readonly table: string;
  /** The columns by which the rows are in order; the first one is the id by which they are divided into months. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  /** A number of each row, in SQL of every engine; it is summed up on both sides. */
  readonly total: string;
}

const id = (name: string): Column => ({ name, type: 'text', length: 36 });
const integer = (name: string): Column => ({ name, type: 'integer' });

/**
 * All that leaves for the warehouse. The ids of users stay here and end with the rows, so the warehouse holds nothing
 * about a person, and a deleted account needs no change there (decision 0193).
 */
const KINDS = {
  ledger: {
    table: 'ledger',
    key: ['id'],
    columns: [
      id('id'),
      id('product_id'),
      { name: 'kind', type: 'text', length: 10 },
      integer('quantity'),
      { name: 'reason', type: 'text', nullable: true, length: 200 },
      { ...id('reservation_id'), nullable: true },
      integer('created_at'),
    ],
    total: 'quantity',
  },
  reservations: {
    table: 'reservations',
    key: ['id'],
    columns: [
      id('id'),
      { name: 'status', type: 'text', length: 10 },
      integer('created_at'),
      integer('expires_at'),
    ],
    total: 'expires_at - created_at',
  },
  items: {
    table: 'reservation_items',
    key: ['reservation_id', 'product_id'],
    columns: [
      id('reservation_id'),
      id('product_id'),
      { name: 'name', type: 'text', length: 200 },
      integer('quantity'),
      integer('amount'),
      { name: 'currency', type: 'text', length: 3 },
    ],
    total: 'quantity * amount',
  },
} as const satisfies Readonly<Record<string, KindPlan>>;

export type Kind = keyof typeof KINDS;

export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

export const planOf = (kind: Kind): KindPlan => KINDS[kind];

export type Row = Readonly<Record<string, string | number | null>>;

/** The key of a row as one text. */
export const keyOf = ({ key }: KindPlan, row: Row): string => key.map((name) => row[name]).join('/');

/** A row as text, unequal for unequal rows; `lineSql` says the same in SQL of the warehouse. */
export const lineOf = ({ columns }: KindPlan, row: Row): string =>
  columns
    .map(({ name, nullable }) => (nullable ? (row[name] === null ? '~' : `=${row[name]}`) : row[name]))
    .join('|');

export const lineSql = ({ columns }: KindPlan): string =>
  columns
    .map(({ name, type, nullable }) => {
      const text = type === 'integer' ? `CAST(${name} AS VARCHAR)` : name;
      return nullable ? `COALESCE('=' || ${text}, '~')` : text;
    })
    .join(" || '|' || ");
