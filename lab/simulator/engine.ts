import Database from 'libsql';
import type { Migration } from '../../lambda/shared/sql/migrations';
import { DuplicateKeyError, type SqlValue } from '../../lambda/shared/sql/sql';
import { bucketOf } from '../../lambda/users/sharding/buckets';
import { teach } from './server-dialect';

export interface Write {
  readonly statement: string;
  readonly values: readonly SqlValue[];
}

/** A schema in memory. It answers at once, and knows one transaction at a time. */
export interface Engine {
  query<Row>(statement: string, values?: readonly SqlValue[]): Row[];
  /** @throws DuplicateKeyError */
  execute(write: Write): number;
  /** The rows that a query of one table finds, by the names that `written` has for them. */
  namesIn(statement: string, values?: readonly SqlValue[]): string[];
  /** The rows that were written since it was last called: a text for each of their unique keys. */
  written(): string[];
  say(statement: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): void;
  /** Deletes all rows. */
  clear(): void;
}

/** @param noted true if `written` is asked for */
export function openEngine(migrations: readonly Migration[], noted: boolean): Engine {
  const database = new Database(':memory:');
  const prepared = new Map<string, Database.Statement>();
  const prepare = (statement: string) => {
    const found = prepared.get(statement) ?? database.prepare(dialect.read(statement));
    prepared.set(statement, found);
    return found;
  };
  for (const statement of migrations.flatMap(({ statements }) => statements))
    if (!/^\/\*!.*\*\/$/s.test(statement)) database.exec(statement);
  const dialect = teach(database, migrations, bucketOf);
  const all = (statement: string) => database.prepare(statement).all() as { readonly name: string }[];
  const tables = all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
  const nameOf = noted ? noteWrites(database, tables, all) : new Map<string, string>();
  const changed = new Set<string>();

  return {
    query: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      prepare(statement).all(...values) as Row[],
    execute: ({ statement, values }) => {
      const [, table] = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM) `?(\w+)/.exec(statement) ?? [];
      if (table) changed.add(table);
      try {
        const [said, bound] = dialect.write(statement, values);
        return prepare(said).run(...bound).changes;
      } catch (error) {
        const { code, message } = error as { readonly code?: string; readonly message: string };
        const isTaken = code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
        throw isTaken ? new DuplicateKeyError(message, { cause: error }) : error;
      }
    },
    namesIn: (statement, values = []) => {
      const [, table = '', where = ''] = /FROM (\w+) (.*)$/s.exec(statement) ?? [];
      const rows = prepare(`SELECT ${nameOf.get(table)} AS name FROM ${table} ${where}`).all(...values);
      return (rows as { readonly name: string }[]).map(({ name }) => name);
    },
    written: () =>
      (prepare('DELETE FROM written RETURNING name').all() as { name: string }[]).map(({ name }) => name),
    say: (statement) => void prepare(statement).run(),
    clear: () => {
      for (const table of changed) prepare(`DELETE FROM ${table}`).run();
      changed.clear();
      if (noted) prepare('DELETE FROM written').run();
    },
  };
}

/** Triggers tell the unique keys of the rows that a statement matches. Returns what names a row, by table. */
function noteWrites(
  database: Database.Database,
  tables: readonly string[],
  all: (statement: string) => { readonly name: string }[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  database.exec('PRAGMA temp_store = MEMORY; CREATE TEMP TABLE written (name TEXT)');
  for (const table of tables) {
    const indexes = all(`SELECT name FROM pragma_index_list('${table}') WHERE "unique" = 1`);
    const keys = indexes.map(({ name }) =>
      all(`SELECT name FROM pragma_index_info('${name}')`).map((column) => column.name),
    );
    const nameBy = (row: string, key: readonly string[] = []) =>
      [`'${table} ${key}'`, ...key.map((column) => `${row}.${column}`)].join(` || '|' || `);
    // One key is enough to find who writes a row: writers lock all of them.
    names.set(table, nameBy(table, keys[0]));
    const named = (row: 'NEW' | 'OLD') =>
      keys
        .map((key) => nameBy(row, key))
        .map((name) => `INSERT INTO written VALUES (${name})`)
        .join('; ');
    for (const [event, row] of [
      ['INSERT', 'NEW'],
      ['UPDATE', 'NEW'],
      ['DELETE', 'OLD'],
    ] as const)
      database.exec(
        `CREATE TEMP TRIGGER ${table}_${event} AFTER ${event} ON ${table} BEGIN ${named(row)}; END`,
      );
  }
  return names;
}
