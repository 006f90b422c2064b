import type Database from 'libsql';
import type { Migration } from '../../lambda/shared/sql/migrations';
import type { SqlValue } from '../../lambda/shared/sql/sql';

/** Statements that the project's servers read and SQLite does not: the columns `bucket`, and what movers ask for. */
export interface ServerDialect {
  /** The same statement in words of SQLite. */
  readonly read: (statement: string) => string;
  /** The same for a write. A new row of a divided table gets its bucket, which a server computes by itself. */
  readonly write: (statement: string, values: readonly SqlValue[]) => readonly [string, readonly SqlValue[]];
}

interface Divided {
  readonly key: string;
  readonly bucketOf: (key: string) => number;
}

/** Adds the columns and the description of the tables that a server has. */
export function teach(
  database: Database.Database,
  migrations: readonly Migration[],
  bucketOf: (key: string) => number,
): ServerDialect {
  const divided = new Map<string, Divided>();
  for (const statement of migrations.flatMap(({ statements }) => statements)) {
    const [, table, key] = /ALTER TABLE (\w+) ADD COLUMN bucket .*CRC32\((\w+)\)/.exec(statement) ?? [];
    if (!table || !key) continue;
    database.exec(
      `ALTER TABLE ${table} ADD COLUMN bucket SMALLINT; CREATE INDEX ${table}_bucket ON ${table} (bucket)`,
    );
    divided.set(table, { key, bucketOf });
  }
  if (divided.size > 0) describeTables(database);
  const insertions = new Map<string, Insertion | undefined>();
  const insertionOf = (statement: string) => {
    if (!insertions.has(statement)) insertions.set(statement, insertionInto(divided, statement));
    return insertions.get(statement);
  };
  return {
    read: inSqlite,
    write: (statement, values) => {
      const insertion = statement.startsWith('INSERT') ? insertionOf(statement) : undefined;
      return insertion ? [insertion.statement, insertion.values(values)] : [statement, values];
    },
  };
}

const CHECKSUM = /HEX\(BIT_XOR\(CAST\(CONV\(LEFT\(SHA2\((.*), 256\), 16\), 16, 10\) AS UNSIGNED\)\)\)/;

/** A checksum is the text of which a server makes one. */
const inSqlite = (statement: string): string =>
  statement
    .replace(CHECKSUM, "COALESCE(group_concat($1, ';' ORDER BY $1), '')")
    .replaceAll('DATABASE()', "'main'")
    .replace(/^(\s*DELETE .*) LIMIT \d+$/s, '$1');

interface Insertion {
  readonly statement: string;
  readonly values: (values: readonly SqlValue[]) => SqlValue[];
}

/** Undefined for a table that is not divided. */
function insertionInto(divided: ReadonlyMap<string, Divided>, statement: string): Insertion | undefined {
  const [, table = '', list = '', tuples] =
    /^\s*INSERT INTO `?(\w+)`? \(([^)]*)\)\s+VALUES (\([?, ]+\)(?:, \([?, ]+\))*)$/s.exec(statement) ?? [];
  const own = divided.get(table);
  if (!own || !tuples) return undefined;
  const columns = list.replaceAll('`', '').split(/,\s*/);
  const place = columns.indexOf(own.key);
  return {
    statement: `INSERT INTO ${table} (${list}, bucket) VALUES ${tuples.replaceAll(')', ', ?)')}`,
    values: (values) => {
      const rows = Array.from({ length: values.length / columns.length }, (_, row) =>
        values.slice(row * columns.length, (row + 1) * columns.length),
      );
      return rows.flatMap((row) => [...row, own.bucketOf(String(row[place]))]);
    },
  };
}

/** The part of `information_schema` that movers read. */
function describeTables(database: Database.Database): void {
  database.exec(`
    ATTACH ':memory:' AS information_schema;
    CREATE TABLE information_schema.TABLES AS
      SELECT 'main' AS TABLE_SCHEMA, name AS TABLE_NAME, 'BASE TABLE' AS TABLE_TYPE
      FROM main.sqlite_master WHERE type = 'table';
    CREATE TABLE information_schema.COLUMNS AS
      SELECT 'main' AS TABLE_SCHEMA, t.TABLE_NAME, c.name AS COLUMN_NAME, c.type AS COLUMN_TYPE,
        LOWER(SUBSTR(c.type, 1, INSTR(c.type || '(', '(') - 1)) AS DATA_TYPE,
        CASE c."notnull" WHEN 1 THEN 'NO' ELSE 'YES' END AS IS_NULLABLE,
        NULL AS CHARACTER_MAXIMUM_LENGTH,
        CASE WHEN c.type LIKE 'VARCHAR%' THEN 'utf8mb4_bin' END AS COLLATION_NAME,
        CASE WHEN c.name = 'bucket' AND c.pk = 0 THEN 'VIRTUAL GENERATED' ELSE '' END AS EXTRA
      FROM information_schema.TABLES t JOIN pragma_table_info(t.TABLE_NAME) c;
    CREATE TABLE information_schema.STATISTICS AS
      SELECT 'main' AS TABLE_SCHEMA, t.TABLE_NAME,
        CASE i.origin WHEN 'pk' THEN 'PRIMARY' ELSE i.name END AS INDEX_NAME,
        c.name AS COLUMN_NAME, NULL AS SUB_PART, 0 AS NON_UNIQUE, c.seqno AS SEQ_IN_INDEX
      FROM information_schema.TABLES t
      JOIN pragma_index_list(t.TABLE_NAME) i JOIN pragma_index_info(i.name) c WHERE i."unique" = 1;
    CREATE TABLE information_schema.REFERENTIAL_CONSTRAINTS (
      CONSTRAINT_NAME TEXT, TABLE_NAME TEXT, CONSTRAINT_SCHEMA TEXT);`);
}
