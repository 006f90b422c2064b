import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Blobs } from '../shared/blobs/blobs';
import { KIND_NAMES, type Kind, planOf } from './kinds';
import { deletionSql, filesLike, tableSql, type Warehouse } from './warehouse';

/** Functions of Redshift that DuckDB has under other names. */
const MACROS = [
  'CREATE OR REPLACE TEMP MACRO sha2(line, bits) AS sha256(line)',
  "CREATE OR REPLACE TEMP MACRO strtol(digits, base) AS CAST('0x' || digits AS BIGINT)",
];

/** The warehouse of one machine, in a file or `:memory:`. @throws Error if the optional @duckdb/node-api is not installed */
export async function openDuckDb(file: string, blobs: Blobs): Promise<Warehouse> {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((cause) => {
    throw new Error('The local warehouse needs DuckDB: npm install @duckdb/node-api', { cause });
  });
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await openMacros(connection);
  const run = async (statement: string, parameters?: Readonly<Record<string, string>>) =>
    (await runOn(connection, statement, parameters)).rows;
  return {
    prepare: async () => {
      for (const kind of KIND_NAMES) await run(tableSql(kind));
    },
    load: async (kind, prefix) => {
      await withFiles(blobs, prefix, async (folder) => {
        await run('BEGIN TRANSACTION');
        try {
          await run(deletionSql(kind), { files: filesLike(prefix) });
          await run(copySql(kind, folder));
          await run('COMMIT');
        } catch (error) {
          await run('ROLLBACK');
          throw error;
        }
      });
    },
    query: async <Row>(statement: string, parameters?: Readonly<Record<string, string>>) =>
      (await run(statement, parameters)) as Row[],
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Functions of Redshift, for one connection. */
export async function openMacros(connection: DuckDBConnection): Promise<void> {
  for (const macro of MACROS) await connection.run(macro);
}

/** COPY of Parquet in DuckDB: columns by their place, as in Redshift. */
export function copySql(kind: Kind, folder: string): string {
  const columns = [...planOf(kind).columns.map(({ name }) => name), 'file'];
  return `INSERT INTO ${kind} (${columns.join(', ')}) SELECT * FROM read_parquet('${folder}/*.parquet')`;
}

interface Result {
  readonly rows: Record<string, unknown>[];
  /** `type`: DuckDB's name of it, such as BIGINT. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Runs a statement with parameters like `:name`, and returns its rows with plain values. */
export async function runOn(
  connection: DuckDBConnection,
  statement: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const named = statement.replaceAll(/(?<![:\w]):([a-z]\w*)/g, '$$$1');
  const reader = await connection.runAndReadAll(named, { ...parameters });
  const rows = reader
    .getRowObjectsJS()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
  const types = reader.columnTypes();
  const columns = reader.columnNames().map((name, at) => ({ name, type: String(types[at]) }));
  return { rows, columns };
}

const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value);

/** Copies the files of a prefix into a folder for as long as `use` lasts. Without files, `use` is not called. */
export async function withFiles(
  blobs: Blobs,
  prefix: string,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-warehouse-'));
  try {
    let files = 0;
    for await (const { key } of blobs.list(prefix)) {
      const bytes = await blobs.get(key);
      if (bytes) writeFileSync(join(folder, `${++files}.parquet`), bytes);
    }
    if (files > 0) await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
