import type { Statements } from '../shared/sql';

/** Every value travels as text, so that whole numbers beyond 2^53 arrive as they left. */
type Kind = 'text' | 'signed' | 'unsigned';

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  /** In characters; null for numbers. */
  readonly length: number | null;
}

/** What of a table's shape a copy depends on; equal on both sides. */
export interface Table {
  readonly name: string;
  /** By name: the order in which they were added does not matter. */
  readonly columns: readonly Column[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** Columns of each other unique key. */
  readonly uniques: readonly (readonly string[])[];
}

/** A table is made of what the mover does not carry. */
export class UnsupportedTableError extends Error {
  override name = 'UnsupportedTableError';
}

/** The two sides do not have the same tables: one of them lacks migrations. */
export class SchemasDifferError extends Error {
  override name = 'SchemasDifferError';
}

/** The tables of two schemas that must be alike. @throws SchemasDifferError, UnsupportedTableError */
export async function tablesOfBoth(from: Statements, to: Statements): Promise<Table[]> {
  const [ours, theirs] = await Promise.all([tablesOf(from), tablesOf(to)]);
  const texts = new Map(theirs.map((table) => [table.name, JSON.stringify(table)]));
  const names = new Set([...ours, ...theirs].map(({ name }) => name));
  const alike = new Set(
    ours.filter((table) => texts.get(table.name) === JSON.stringify(table)).map(({ name }) => name),
  );
  const different = [...names].filter((name) => !alike.has(name));
  if (different.length === 0) return ours;
  throw new SchemasDifferError(
    `These tables are not alike on both sides: ${different.join(', ')}. Both must have the same migrations first`,
  );
}

/** Each side's record of its own migrations, which no side takes over from the other. */
const OWN_RECORD = 'migrations';

interface ColumnRow {
  readonly tableName: string;
  readonly name: string;
  readonly type: string;
  readonly fullType: string;
  readonly nullable: string;
  readonly length: number | null;
  readonly collation: string | null;
  readonly extra: string;
}

interface IndexRow {
  readonly tableName: string;
  readonly indexName: string;
  readonly columnName: string | null;
  readonly part: number | null;
}

/** Aliases throughout: MySQL 8 names these columns in capitals, MariaDB as they were asked for. */
async function tablesOf({ query }: Statements): Promise<Table[]> {
  const columns = await query<ColumnRow>(
    `SELECT c.TABLE_NAME AS tableName, c.COLUMN_NAME AS name, CAST(c.DATA_TYPE AS CHAR) AS type,
       CAST(c.COLUMN_TYPE AS CHAR) AS fullType, c.IS_NULLABLE AS nullable,
       c.CHARACTER_MAXIMUM_LENGTH AS length, c.COLLATION_NAME AS collation, c.EXTRA AS extra
     FROM information_schema.COLUMNS c
     JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
     WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'`,
  );
  const indexes = await query<IndexRow>(
    `SELECT TABLE_NAME AS tableName, INDEX_NAME AS indexName, COLUMN_NAME AS columnName, SUB_PART AS part
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND NON_UNIQUE = 0
     ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  const foreign = await query<{ name: string; tableName: string }>(
    `SELECT CONSTRAINT_NAME AS name, TABLE_NAME AS tableName FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = DATABASE()`,
  );
  for (const { name, tableName } of foreign) {
    throw new UnsupportedTableError(
      `${tableName} has the foreign key ${name}, which would decide the order of the copy`,
    );
  }
  const names = new Set(columns.map(({ tableName }) => tableName).filter((name) => name !== OWN_RECORD));
  const of = (name: string) => columns.filter(({ tableName }) => tableName === name);
  return [...names].sort().map((name) => tableFrom(name, of(name), indexes));
}

function tableFrom(name: string, rows: readonly ColumnRow[], allIndexes: readonly IndexRow[]): Table {
  const columns = rows.map((row) => columnFrom(name, row)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const indexes = new Map<string, string[]>();
  for (const { indexName, columnName, part } of allIndexes.filter(({ tableName }) => tableName === name)) {
    if (columnName === null || part !== null) {
      throw new UnsupportedTableError(
        `${name}.${indexName} is unique in a part or an expression of a column`,
      );
    }
    indexes.set(indexName, [...(indexes.get(indexName) ?? []), columnName]);
  }
  const key = indexes.get('PRIMARY');
  if (!key) throw new UnsupportedTableError(`${name} has no primary key, so its rows cannot be told apart`);
  indexes.delete('PRIMARY');
  return { name, columns, key, uniques: [...indexes.values()].sort() };
}

const WHOLE_NUMBERS = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint']);
const TEXTS = new Set(['varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);

function columnFrom(
  table: string,
  { name, type, fullType, nullable, length, collation, extra }: ColumnRow,
): Column {
  const number = WHOLE_NUMBERS.has(type);
  // Both sides must agree on the order of keys, and on which texts are the same.
  if (extra !== '' || !(number || (TEXTS.has(type) && collation === 'utf8mb4_bin'))) {
    throw new UnsupportedTableError(
      `${table}.${name} is ${[fullType, collation, extra].filter(Boolean).join(' ')}; carried are text in utf8mb4_bin and whole numbers, nothing generated`,
    );
  }
  const kind = number ? (fullType.includes('unsigned') ? 'unsigned' : 'signed') : 'text';
  return { name, kind, nullable: nullable === 'YES', length: number ? null : length };
}
