import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { FileTotals } from './journal';
import { type Kind, keyOf, lineOf, planOf, type Row } from './kinds';

/** zlib's fastest level: ids hardly compress, and all else repeats. */
const GZIP = (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 1 });

/** The file as Parquet: typed columns, NULLs of their own, compressed, and the name of the file in each row. */
export function parquetOf(kind: Kind, rows: readonly Row[], file: string): Uint8Array {
  const columns = planOf(kind).columns.map(({ name, type, nullable = false }) => ({
    name,
    nullable,
    ...(type === 'text'
      ? { type: 'STRING' as const, data: rows.map((row) => row[name] ?? null) }
      : { type: 'INT64' as const, data: rows.map((row) => BigInt(row[name] ?? 0)) }),
  }));
  const named = { name: 'file', nullable: false, type: 'STRING' as const, data: rows.map(() => file) };
  const bytes = parquetWriteBuffer({
    columnData: [...columns, named],
    codec: 'GZIP',
    compressors: { GZIP },
    rowGroupSize: 100_000,
  });
  return new Uint8Array(bytes);
}

/** `rows` are in the order of their keys, and not empty. */
export function totalsOf(kind: Kind, rows: readonly Row[], name: string): FileTotals {
  const plan = planOf(kind);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) throw new RangeError(`The file ${name} would have no rows`);
  let [total, checksum] = [0, 0];
  for (const row of rows) {
    total += Number(row.total);
    checksum += Number.parseInt(hash('sha256', lineOf(plan, row), 'hex').slice(0, 8), 16);
  }
  return {
    ...{ name, kind, rows: rows.length, total, checksum },
    firstKey: keyOf(plan, first),
    lastKey: keyOf(plan, last),
  };
}
