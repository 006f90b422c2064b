import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DuplicateKeyError, limit, type Sql } from '../../shared/sql/sql';
import type { Item, Table } from '../../shared/tables/table';
import { moveProgress, newPhotosGoTo, reportProgress } from './placement';
import { COPY, LEAVING, photoFrom } from './table-repository';

/** Photos of one pass: a pace, and the most that is read for nothing if a pass dies. */
const BATCH = 100;

export interface PhotoMoveOptions {
  readonly sql: Pick<Sql, 'query' | 'exclusively'>;
  readonly table: Table;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Of all processes. A pass that loses it can write no row any more: its statements go with its connection. */
const LOCK = 'photos';

/**
 * Moves photos to where they shall be, 100 in a pass, while everybody goes on using them (decision 0182). Any process may
 * run it at any time, several at once, and die at any step. Returns the number that was moved.
 */
export function createPhotoMove({ sql, table, now }: PhotoMoveOptions): () => Promise<number> {
  return async () => {
    const toTable = (await newPhotosGoTo(table)) === 'table';
    const keys = toTable ? await keysOfRows(sql) : await keysOfItems(table);
    let moved = 0;
    for (const key of keys)
      if (await (toTable ? rowToItem(sql, table, key) : itemToRow(sql, table, key))) moved++;
    const left = keys.length < BATCH ? keys.length - moved : BATCH;
    // An unchanging zero is not worth a write in each pass.
    if (keys.length > 0 || (await moveProgress(table))?.left !== 0)
      await reportProgress(table, { moved, left, at: now() });
    return moved;
  };
}

type Rows = PhotoMoveOptions['sql'];
type Key = { readonly productId: string; readonly id: string };

const keysOfRows = ({ query }: Rows): Promise<Key[]> =>
  query<Key>(`SELECT product_id AS productId, id FROM photos ORDER BY id ${limit(BATCH)}`);

async function keysOfItems(table: Table): Promise<Key[]> {
  const keys: Key[] = [];
  for await (const item of table.scan()) {
    const photo = photoFrom(item);
    if (photo) keys.push({ productId: photo.productId, id: photo.id });
    if (keys.length === BATCH) break;
  }
  return keys;
}

/** SQL decides until its row goes, and that goes only as it was copied. False if the row changed: the next pass repeats it. */
function rowToItem(sql: Rows, table: Table, key: Key): Promise<boolean> {
  return sql.exclusively(LOCK, async ({ query, execute }) => {
    // Before the row is read: whatever comes between, a change of the item or another pass, takes this name away.
    const left = await table.get(key, { consistent: true });
    const [row] = await query<Row>(`SELECT ${COLUMNS} FROM photos WHERE id = ?`, [key.id]);
    if (!row) return false;
    const item = itemFrom(row);
    const copy = { ...item, [COPY]: randomUUID() };
    const written = await table.put(copy, left ? { [COPY]: left[COPY] ?? null } : 'free');
    if (!written || !isDeepStrictEqual(await table.get(key, { consistent: true }), copy)) return false;
    const { condition, values } = unchanged(item);
    return (await execute(`DELETE FROM photos WHERE ${condition}`, values)) === 1;
  });
}

/** The item is frozen, so what is inserted is the last of it; from then on SQL decides. */
async function itemToRow(sql: Rows, table: Table, key: Key): Promise<boolean> {
  const leaving = { [LEAVING]: randomUUID() };
  const isRow = await sql.exclusively(LOCK, async ({ execute }) => {
    if (!(await table.update(key, { set: leaving }))) return false;
    const frozen = await table.get(key, { consistent: true });
    if (!frozen) return false;
    const values = Object.values(ATTRIBUTES).map((attribute) => frozen[attribute] ?? null);
    const marks = values.map(() => '?').join(', ');
    try {
      await execute(`INSERT INTO photos (${COLUMNS}) VALUES (${marks})`, values);
    } catch (error) {
      // Of a pass that died before its next step.
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
    return true;
  });
  // A reader of a SQLite file sees the row once the lock is free.
  return isRow && table.delete(key, leaving);
}

/** The attribute of each column. */
const ATTRIBUTES = {
  id: 'id',
  product_id: 'productId',
  status: 'status',
  reason: 'reason',
  bytes: 'bytes',
  type: 'type',
  sha256: 'sha256',
  sizes: 'sizes',
  picture_due: 'pictureDue',
  unfinished: 'unfinished',
  created_at: 'createdAt',
  expires_at: 'expiresAt',
  due_at: 'dueAt',
} as const;

const COLUMNS = Object.keys(ATTRIBUTES).join(', ');

type Row = Readonly<Record<keyof typeof ATTRIBUTES, string | number | null>>;

function itemFrom(row: Row): Item {
  const attributes = Object.entries(ATTRIBUTES).flatMap(([column, attribute]) => {
    const value = row[column as keyof Row];
    return value === null ? [] : [[attribute, value] as const];
  });
  return { ...Object.fromEntries(attributes), ...(row.due_at !== null && { dueIn: 'photos' }) };
}

/** The condition that a row is what it was. */
function unchanged(item: Item) {
  const columns = Object.entries(ATTRIBUTES);
  return {
    condition: columns
      .map(([name, attribute]) => (item[attribute] === undefined ? `${name} IS NULL` : `${name} = ?`))
      .join(' AND '),
    values: columns.flatMap(([, attribute]) => item[attribute] ?? []),
  };
}
