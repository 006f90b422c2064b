import { type Migration, migrate } from '../../lambda/shared/sql/migrations';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Engine } from './engines';

type Opened = Sql & { readonly url: string };

const migrated = new WeakMap<Engine, Map<string, Promise<Opened>>>();

/**
 * The tables of a service, emptied, which is cheaper than a schema for each test, since creating tables is slow.
 */
export async function emptiedSchema(
  engine: Engine,
  name: string,
  migrations: readonly Migration[],
): Promise<Opened> {
  const schemas = migrated.get(engine) ?? new Map<string, Promise<Opened>>();
  migrated.set(engine, schemas);
  const opening = schemas.get(name) ?? open(engine, name, migrations);
  schemas.set(name, opening);
  const sql = await opening;
  for (const table of await filled(sql, tablesOf(migrations))) await sql.execute(`DELETE FROM ${table}`);
  return sql;
}

/** Those with rows: most tests use few of the tables. */
async function filled(sql: Sql, tables: readonly string[]): Promise<string[]> {
  const each = tables.map(
    (table) => `SELECT '${table}' AS name, EXISTS (SELECT 1 FROM ${table}) AS rows_there`,
  );
  const found = await sql.query<{ name: string; rows_there: number }>(each.join(' UNION ALL '));
  return found.filter(({ rows_there }) => rows_there === 1).map(({ name }) => name);
}

async function open(engine: Engine, name: string, migrations: readonly Migration[]): Promise<Opened> {
  const sql = await engine.open(name);
  await migrate(sql, migrations);
  return sql;
}

const tablesOf = (migrations: readonly Migration[]): string[] =>
  migrations
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []);
