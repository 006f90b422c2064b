import { acrossParts } from '../../lambda/inventory/month-tables';
import { photoFrom } from '../../lambda/inventory/photos/table-repository';
import { auditStock } from '../../lambda/inventory/stock/stock-audit';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Table } from '../../lambda/shared/tables/table';
import { type Book, COUNTED, type Counted } from './book';

/** Every place of the shop's rows. */
export interface Schemas {
  readonly users: Sql;
  readonly inventory: Sql;
  /** If photos may be in DynamoDB (decision 0180). */
  readonly photos?: Pick<Table, 'scan'>;
}

export type RowCounts = Readonly<Record<Counted, number>>;

/** Numbers of rows in the database, before the load and after it. */
export async function countRows(schemas: Schemas): Promise<RowCounts> {
  const { users, inventory } = schemas;
  const count = async (sql: Sql, from: string) => {
    const [row] = await sql.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${from}`);
    return row?.n ?? 0;
  };
  const countParts = async (sql: Sql, from: string) => {
    const counts = await acrossParts<{ n: number }>(
      sql,
      (part) => `SELECT COUNT(*) AS n FROM ${part}${from}`,
      [],
    );
    return counts.reduce((sum, { n }) => sum + n, 0);
  };
  return {
    reservations: await countParts(inventory, 'reservations'),
    sales: await countParts(inventory, "ledger WHERE kind = 'sold'"),
    accounts: await count(users, 'users'),
    sessions: await count(users, 'sessions'),
    photos: (await photosIn(schemas)).filter(({ status }) => status !== 'waiting').length,
  };
}

interface PhotoRow {
  readonly id: string;
  readonly status: string;
}

export async function photosIn({ inventory, photos }: Schemas): Promise<PhotoRow[]> {
  const rows = await inventory.query<PhotoRow>('SELECT id, status FROM photos');
  for await (const item of photos?.scan() ?? []) {
    // The table also says where photos are, in items of other shapes.
    const photo = photoFrom(item);
    if (photo) rows.push(photo);
  }
  return rows;
}

/**
 * Finds faults in the rows: every acknowledged write must be there, and besides these only writes of unknown outcome.
 * For kinds that were not counted before, it only looks for the acknowledged ones.
 */
export async function checkRows(schemas: Schemas, book: Book, before: Partial<RowCounts>): Promise<string[]> {
  const after = await countRows(schemas);
  const counted = COUNTED.flatMap((kind) => {
    const { acknowledged, unknown } = book.counts[kind];
    const [was, is] = [before[kind], after[kind]];
    if (was === undefined || (is - was >= acknowledged && is - was <= acknowledged + unknown)) return [];
    return `${kind}: ${acknowledged} were acknowledged, ${unknown} are unknown, and there are ${is - was} rows`;
  });
  return [...counted, ...(await missing(schemas, book)), ...(await wrongStock(schemas.inventory))];
}

async function missing(schemas: Schemas, book: Book): Promise<string[]> {
  const { users, inventory } = schemas;
  const reservations = await acrossParts<{ id: string; status: string }>(
    inventory,
    (part) => `SELECT id, status FROM ${part}reservations`,
    [],
  );
  const statusOf = new Map(reservations.map(({ id, status }) => [id, status]));
  const accounts = await users.query<{ id: string; email: string }>('SELECT id, email FROM users');
  const idOf = new Map(accounts.map(({ id, email }) => [email, id]));
  const photos = new Set((await photosIn(schemas)).map(({ id }) => id));
  return [
    ...absent('reservation', book.reservations.keys(), (id) => statusOf.has(id)),
    ...absent('confirmation', book.confirmations, (id) => statusOf.get(id) === 'confirmed'),
    ...absent('account', book.accounts.keys(), (email) => idOf.get(email) === book.accounts.get(email)),
    ...absent('photo', book.photos, (id) => photos.has(id)),
  ];
}

function absent(name: string, ids: Iterable<string>, isThere: (id: string) => boolean): string[] {
  const lost = [...ids].filter((id) => !isThere(id));
  return lost.length === 0 ? [] : [`${lost.length} acknowledged ${name}s are not there, such as ${lost[0]}`];
}

async function wrongStock(inventory: Sql): Promise<string[]> {
  return (await auditStock(inventory)).map((wrong) => `stock: ${JSON.stringify(wrong)}`);
}
