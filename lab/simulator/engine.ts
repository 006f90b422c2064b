import Database from 'libsql';
import type { Migration } from '../../lambda/shared/sql/migrations';
import { DuplicateKeyError, type SqlValue } from '../../lambda/shared/sql/sql';

export interface Write {
  readonly statement: string;
  readonly values: readonly SqlValue[];
}

/** A schema in memory. It answers at once, and knows one transaction at a time. */
export interface Engine {
  query<Row>(statement: string, values?: readonly SqlValue[]): Row[];
  /** @throws DuplicateKeyError */
  execute(write: Write): number;
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
    const found = prepared.get(statement) ?? database.prepare(statement);
    prepared.set(statement, found);
    return found;
  };
  for (const statement of migrations.flatMap(({ statements }) => statements))
    if (!/^\/\*!.*\*\/$/s.test(statement)) database.exec(statement);
  const all = (statement: string) => database.prepare(statement).all() as { readonly name: string }[];
  const tables = all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
  if (noted) noteWrites(database, tables, all);
  const changed = new Set<string>();

  return {
    query: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      prepare(statement).all(...values) as Row[],
    execute: ({ statement, values }) => {
      const [, table] = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/.exec(statement) ?? [];
      if (table) changed.add(table);
      try {
        return prepare(statement).run(...values).changes;
      } catch (error) {
        const { code, message } = error as { readonly code?: string; readonly message: string };
        const isTaken = code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
        throw isTaken ? new DuplicateKeyError(message, { cause: error }) : error;
      }
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

/** Triggers tell the unique keys of the rows that a statement matches. */
function noteWrites(
  database: Database.Database,
  tables: readonly string[],
  all: (statement: string) => { readonly name: string }[],
): void {
  database.exec('PRAGMA temp_store = MEMORY; CREATE TEMP TABLE written (name TEXT)');
  for (const table of tables) {
    const indexes = all(`SELECT name FROM pragma_index_list('${table}') WHERE "unique" = 1`);
    const keys = indexes.map(({ name }) =>
      all(`SELECT name FROM pragma_index_info('${name}')`).map((column) => column.name),
    );
    const named = (row: 'NEW' | 'OLD') =>
      keys
        .map((key) => [`'${table} ${key}'`, ...key.map((column) => `${row}.${column}`)].join(` || '|' || `))
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
}
