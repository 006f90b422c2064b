import type { Statements } from '../../shared/sql/sql';

/** Every value is transferred as text, so that integers beyond 2^53 keep their value. */
type Kind = 'text' | 'signed' | 'unsigned';

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  /** In characters; null for numbers. */
  readonly length: number | null;
}

/** The parts of a table's schema that a copy depends on; equal on both sides. */
export interface Table {
  readonly name: string;
  /** Sorted by name, since the order of their creation does not matter. */
  readonly columns: readonly Column[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  /** Columns of each other unique key. */
  readonly uniques: readonly (readonly string[])[];
  /** Only the rows with this whole number in a column, which need not be among `columns`. Default: all. */
  readonly only?: { readonly column: string; readonly value: number };
}

/** The table has a feature that the mover does not support. */
export class UnsupportedTableError extends Error {
  override name = 'UnsupportedTableError';
}

/** The tables of the two sides differ: one side lacks migrations. */
export class SchemasDifferError extends Error {
  override name = 'SchemasDifferError';
}

/** The tables of two schemas, which must be equal. @throws SchemasDifferError, UnsupportedTableError */
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
    `These tables differ between the sides: ${different.join(', ')}. Apply the same migrations to both first`,
  );
}

/** The notes of a move (`change-log.ts`), and the beginning of the names of what writes them. */
export const CHANGED_ROWS = 'changed_rows';

/** Tables that each side has for itself, which are not copied. */
const OWN = new Set(['migrations', CHANGED_ROWS]);

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

/** Uses aliases, since MySQL 8 returns these column names in upper case and MariaDB as they were written. */
async function tablesOf({ query }: Statements): Promise<Table[]> {
  const described = await query<ColumnRow>(
    `SELECT c.TABLE_NAME AS tableName, c.COLUMN_NAME AS name, CAST(c.DATA_TYPE AS CHAR) AS type,
       CAST(c.COLUMN_TYPE AS CHAR) AS fullType, c.IS_NULLABLE AS nullable,
       c.CHARACTER_MAXIMUM_LENGTH AS length, c.COLLATION_NAME AS collation, c.EXTRA AS extra
     FROM information_schema.COLUMNS c
     JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
     WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'`,
  );
  // Each side computes them by itself.
  const columns = described.filter(({ extra }) => !extra.includes('GENERATED'));
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
      `${tableName} has the foreign key ${name}; foreign keys are not supported, since the copy has no fixed order`,
    );
  }
  const names = new Set(columns.map(({ tableName }) => tableName).filter((name) => !OWN.has(name)));
  const of = (name: string) => columns.filter(({ tableName }) => tableName === name);
  return [...names].sort().map((name) => tableFrom(name, of(name), indexes));
}

function tableFrom(name: string, rows: readonly ColumnRow[], allIndexes: readonly IndexRow[]): Table {
  const columns = rows.map((row) => columnFrom(name, row)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const indexes = new Map<string, string[]>();
  for (const { indexName, columnName, part } of allIndexes.filter(({ tableName }) => tableName === name)) {
    if (columnName === null || part !== null) {
      throw new UnsupportedTableError(
        `${name}.${indexName} is a unique key on a prefix or an expression; only whole columns are supported`,
      );
    }
    indexes.set(indexName, [...(indexes.get(indexName) ?? []), columnName]);
  }
  const key = indexes.get('PRIMARY');
  if (!key) throw new UnsupportedTableError(`${name} has no primary key, so its rows cannot be identified`);
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
  // Both sides must agree on the order of keys and on the equality of texts.
  if (extra !== '' || !(number || (TEXTS.has(type) && collation === 'utf8mb4_bin'))) {
    throw new UnsupportedTableError(
      `${table}.${name} is ${[fullType, collation, extra].filter(Boolean).join(' ')}; supported are text in utf8mb4_bin and integers`,
    );
  }
  const kind = number ? (fullType.includes('unsigned') ? 'unsigned' : 'signed') : 'text';
  return { name, kind, nullable: nullable === 'YES', length: number ? null : length };
}
